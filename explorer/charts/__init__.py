"""Pictures of results: those that the page draws, and printed ones. Imports `explorer.network` and below."""

"""Pictures of results: interactive ones and printed ones. Imports `explorer.network` and below."""

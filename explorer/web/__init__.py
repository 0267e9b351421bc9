"""Scripts, styles and markup for browsers, and the ASGI middleware of the app. Imports nothing of `explorer`."""

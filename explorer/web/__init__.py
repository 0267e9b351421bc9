"""Scripts, styles and markup for browsers, and the ASGI middleware in front of the app. Imports nothing of `explorer`."""

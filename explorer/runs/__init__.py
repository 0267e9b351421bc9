"""Trained networks: results, their ensemble, metrics, measurement cache, files for a visitor's device. May import `explorer.digits` and `explorer.web`."""

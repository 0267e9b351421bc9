"""Trained networks: results, the ensemble of all, metrics, the measurement cache, and the files for a visitor's device. May import `explorer.digits` and `explorer.web`."""

"""Trained networks: results, the ensemble of all, metrics, and the measurement cache. May import `explorer.digits`."""

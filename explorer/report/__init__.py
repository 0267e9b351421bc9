"""RESULTS.md, its figures and the finding in README.md, from checkpoints. May import `explorer.charts`, `explorer.retrain` and below."""

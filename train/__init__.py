"""Training: trials, the network, engines, checkpoints and the sweep over a study. Imports nothing of `explorer`."""

"""Fast engine for the CPU: Numba kernels of the network, forward and backward. Imports `train.loop` and below."""

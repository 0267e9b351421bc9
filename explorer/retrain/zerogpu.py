"""A GPU for the time of a call, where the Space runs on ZeroGPU; elsewhere a call is a call.

There a decorated function runs in a forked process: what goes in and out is pickled, and outside of it no GPU may be
touched, though PyTorch says that there is one. `spaces` has to be imported before CUDA is initialised.
"""

from collections.abc import Callable

try:
    from spaces import GPU
    from spaces.config import Config

    IS_HERE = Config.zero_gpu
except ImportError:
    GPU, IS_HERE = None, False


def on_gpu(duration: Callable[..., int]):
    """Decorates a synchronous function or generator; `duration` gives the seconds to ask for from the same arguments."""
    return GPU(duration=duration) if GPU else lambda function: function

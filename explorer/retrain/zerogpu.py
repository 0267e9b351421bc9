"""Decorator for functions that need a GPU: on ZeroGPU it borrows one for the time of a call, elsewhere it does nothing.

On ZeroGPU a decorated function runs in a forked process: its arguments and results are pickled, and no other code may touch
the GPU, though PyTorch reports one. `spaces` has to be imported before CUDA is initialised.
"""

from collections.abc import Callable

try:
    from spaces import GPU
    from spaces.config import Config

    IS_HERE = Config.zero_gpu
except ImportError:
    GPU, IS_HERE = None, False


def on_gpu(duration: Callable[..., int]):
    """Decorator of a synchronous function or generator; `duration` returns the seconds to request, from the same arguments."""
    return GPU(duration=duration) if GPU else lambda function: function

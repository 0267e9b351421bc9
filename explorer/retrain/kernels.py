"""Compilation of the training kernels in a process of its own: this one goes on answering visitors, and reads them when it trains."""

import os
import subprocess
import sys
import threading

from train import data, engines

COMPILING = threading.Lock()


def compile_kernels():
    """Compiles the kernels into their cache where they are not in it; the process that does so ends with this one."""
    with COMPILING:
        if engines.is_compiled():
            return
        with subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=data.ROOT.parent,
            stdin=subprocess.PIPE,  # which nothing is written to
        ) as process:
            process.wait()


def _end_with_parent():
    """Ends this process once the other end of its input is closed."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    os.nice(19)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    engines.prepare("cpu")

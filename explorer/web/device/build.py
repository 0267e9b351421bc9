"""Compiler of the module of the visitor's device: `python -m explorer.web.device.build` writes device.wasm from device.c.

The compiler is the wheel `ziglang` of tests/requirements.txt; its version is pinned, so that the bytes are the same everywhere.
"""

import subprocess
import sys
from pathlib import Path

from explorer.web.device import MODULE

SOURCE = MODULE.with_name("device.c")
OPTIONS = (
    "-target wasm32-freestanding -mcpu=mvp+simd128+bulk_memory+sign_ext+nontrapping_fptoint -std=c11 "
    # Vectors and unrolling are in the source, where they pay; elsewhere they would make the module half as large again.
    "-O3 -fno-vectorize -fno-unroll-loops -ffp-contract=off -Wall -Wextra -Werror -nostdlib -s "
    "-Wl,--no-entry -Wl,--export=__heap_base -Wl,-z,stack-size=65536"
)


def build(module: Path = MODULE):
    """Writes the compiled and stripped module. Raises `CalledProcessError`."""
    command = [sys.executable, "-m", "ziglang", "cc", *OPTIONS.split()]
    subprocess.run([*command, str(SOURCE), "-o", str(module)], check=True)
    module.chmod(0o644)  # no program


if __name__ == "__main__":
    build()

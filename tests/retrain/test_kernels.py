"""Compilation of the kernels in another process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.awaiting import wait

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for children")
def test_a_server_that_is_killed_leaves_no_process_that_compiles(tmp_path):
    code = "from explorer.retrain import kernels; kernels.compile_kernels()"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}  # an empty cache
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment) as server:  # fmt: skip
        wait(lambda: bool(children(server.pid)))
        (child,) = children(server.pid)
        # It compiles once it holds its cache folder; before, its thread is not there.
        wait(lambda: any(tmp_path.rglob("*.nbc")))
        server.kill()
    wait(lambda: not is_running(child))
    assert not any(tmp_path.rglob("whole-*"))


def children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(each) for each in listed.split()]


def is_running(process: int) -> bool:
    """True if a process computes; one that ended may wait for init as a zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"

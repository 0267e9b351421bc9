"""Locks of trials: one holder, who is named, and none after the end of a process."""

import os
import subprocess
import sys

from train import lock

HOLD = """import sys, time
from pathlib import Path
from train import lock
with lock.held(Path(sys.argv[1])) as holder:
    print(holder or "ours", flush=True)
    time.sleep(60)
"""


def test_a_lock_has_one_holder_and_dies_with_its_process(tmp_path):
    path = tmp_path / "a.safetensors"
    arguments = [sys.executable, "-c", HOLD, path]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ours\n"
        with lock.held(path) as holder:
            assert holder.startswith(f"process {process.pid} on ")
        with lock.held(tmp_path / "b.safetensors") as holder:
            assert holder == ""
        lock.remove_left(tmp_path)
        assert len(list(tmp_path.iterdir())) == 1  # it is held
        process.kill()
    with lock.held(path) as holder:
        assert holder == ""
        with lock.held(path) as second:
            assert second.startswith(f"process {os.getpid()} on ")
    assert not list(tmp_path.iterdir())


def test_files_of_ended_processes_are_removed(tmp_path):
    (tmp_path / ".a.safetensors.lock").write_text("process 1 on a machine")
    (tmp_path / "kept").write_text("")
    lock.remove_left(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]

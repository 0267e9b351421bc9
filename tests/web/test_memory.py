"""Memory of the process: areas of threads."""

import subprocess
import sys
import threading

import pytest

from explorer.web import memory


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's areas")
def test_threads_share_areas(monkeypatch):
    asked = []

    class Library:
        def mallopt(self, *values):
            asked.append(values)

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    memory.share()
    assert asked == [(-8, 2)]


def test_a_system_without_areas_goes_on(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    memory.share()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's areas")
def test_what_is_kept_is_never_searched_again():
    code = "import gc; from explorer.web import memory; memory.keep(); print(gc.get_freeze_count())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert int(done.stdout) > 1000


def test_freed_memory_is_given_back_again_and_again(monkeypatch):
    given = threading.Semaphore(0)
    monkeypatch.setattr(memory, "PAUSE", 0.01)
    monkeypatch.setattr(memory, "give_back", given.release)
    threading.Thread(target=memory.keep_giving_back, daemon=True).start()
    assert all(given.acquire(timeout=10) for _ in range(3))

"""Memory of the process: areas of threads."""

import sys

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

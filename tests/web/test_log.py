"""The log: repeated lines are rare, and are counted."""

import contextlib
import logging
import subprocess
import sys
from types import SimpleNamespace

from explorer.web import log


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("asyncio", logging.ERROR, "", 0, text, (), None)


def test_a_repeated_line_is_rare_and_then_counted(monkeypatch):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(log, "time", clock)
    rare, line = log.Rare(), "socket.accept() out of system resource " + "x" * 40
    passed = [rare.filter(record(f"{line}{number}")) for number in range(100_000)]
    assert sum(passed) == log.MOST
    assert rare.filter(record("another"))
    clock.now = log.SECONDS + 1
    late = record(line)
    assert rare.filter(late) and f"{100_000 - log.MOST} more lines" in late.msg


def test_lines_that_differ_cannot_fill_the_log():
    rare = log.Rare()
    passed = sum(rare.filter(record(f"{number} " * 9)) for number in range(20_000))
    assert passed <= log.MOST_KINDS + log.MOST


def test_a_long_line_is_cut():
    long = record("%s")
    long.args = ("x" * 60_000,)
    assert log.Rare().filter(long)
    assert len(long.getMessage()) < log.LONGEST + 10


def test_no_library_gets_around_the_limit():
    code = (
        "import logging; from explorer.web import log; log.limit(); logging.warning('a library');"
        "[logging.getLogger('one').warning('refused %s', n) for n in range(1000)]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.count("refused") == log.MOST and "a library" in done.stderr


def test_an_output_that_is_full_loses_its_lines():
    with open("/dev/full", "w") as full:
        output = log.Lossy(full)
        assert output.write("line\n" * 10_000) == 50_000
        output.flush()
        assert output.name == "/dev/full"
        with contextlib.suppress(OSError):
            full.close()

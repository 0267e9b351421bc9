"""Waiting in tests: for a coroutine, a condition, the end of trainings."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

from explorer.retrain.jobs import Jobs


def awaited(coroutine: Coroutine):
    """The result of a coroutine, run in a thread of its own: Playwright leaves an event loop running in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def wait(condition: Callable[[], bool]):
    """Waits, for as long as it takes on a busy machine, kernels compiled first."""
    for _ in range(30_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def end(queue: Jobs):
    """Stops all trainings of a queue and waits until none runs."""
    for job in queue._open():
        queue.stop(job)
    wait(lambda: queue._worker is None)

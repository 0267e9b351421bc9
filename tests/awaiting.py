"""Waiting in tests: for a coroutine, a condition, the end of trainings."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

from explorer.retrain.jobs import Jobs

PATIENCE = 300  # seconds: as long as it takes on a busy machine, kernels compiled first


def awaited(coroutine: Coroutine):
    """The result of a coroutine, run in a thread of its own: Playwright leaves an event loop running in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def wait(condition: Callable[[], bool]):
    """Waits, `PATIENCE` seconds at most."""
    for _ in range(100 * PATIENCE):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def end(queue: Jobs):
    """Stops all trainings of a queue and waits until none runs."""
    for job in queue._open():
        queue.stop(job)
    wait(lambda: queue._worker is None)

"""Memory of the process, as glibc keeps it: few areas for its threads, and nothing that was freed. Elsewhere nothing is done."""

import ctypes
import gc
import time
from contextlib import suppress

ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
AREAS = 2
PAUSE = 60.0  # s
ABSENT = suppress(AttributeError, OSError, TypeError)


def share():
    """Makes the threads of this process share `AREAS` areas, so that what an answer gave back serves the next one of any thread.

    glibc would make an area for each thread, up to eight for each core.
    """
    with ABSENT:
        ctypes.CDLL(None).mallopt(ARENA_MAX, AREAS)


def keep():
    """Keeps all objects that there are now for good: a search for cycles among a million of them would stop all threads for 0.3 s, at any time."""
    gc.collect()
    gc.freeze()


def give_back():
    """Gives freed memory back to the system."""
    with ABSENT:
        ctypes.CDLL(None).malloc_trim(0)


def keep_giving_back():
    """Gives freed memory back every `PAUSE` seconds, without end: what a busy minute needed is not kept. For a thread of its own."""
    while True:
        time.sleep(PAUSE)
        give_back()

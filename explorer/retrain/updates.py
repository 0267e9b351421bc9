"""Updates on a job while it runs: long polling for the page, a stream for programs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from explorer.retrain.jobs import JOBS, Job
from explorer.retrain.messages import NOT_BEGUN, NOT_THERE
from train.errors import UserError

WAIT = 5  # seconds after which a page that watches is answered, also with nothing new
LOOK = 0.1  # seconds between two looks for something new
TELL = 1.0  # seconds after which a program is told, also nothing new


async def job_state(question: dict) -> dict:
    """State of a job for the page that watches it: what ended since it was last asked, and the network that is trained on.

    Comes once there is something new, or after `WAIT`. `seen` is the state that the page knows, `have` how many networks it
    knows to have ended. Raises `UserError`.
    """
    match question:
        case {"visit": str(secret), "job": str(name), "seen": seen, "have": int(have)}:
            job = JOBS.find(name, secret)
        case _:
            raise UserError(NOT_THERE)
    job.touch()
    end = time.monotonic() + WAIT
    while seen == [job.version, *JOBS.position(job)] and time.monotonic() < end:
        await asyncio.sleep(LOOK)
    version, is_over = job.version, job.is_over  # first: what comes later is told later
    position, waiting = JOBS.position(job)
    return {
        "seen": [version, position, waiting],
        "position": position,
        "waiting": waiting,
        "ended": job.ended[max(0, have) :],
        "run": job.now,
        "over": is_over,
        "error": job.error,
    }


async def stream(job: Job, is_watched: Callable[[], bool]) -> AsyncIterator[dict]:
    """Messages to a program about its job: each row of the history once, and the progress between the rows.

    Whoever cancels ends the job; a stream that is closed or not read only stops watching it. Gradio cancels all streams of
    a client at once, and would leave the others without an end if they raised.
    """
    rows, version, sent_at, is_over = 0, -1, 0.0, False
    try:
        while not is_over:
            await asyncio.sleep(LOOK)
            if is_watched():
                job.touch()
            is_over, now = job.is_over, job.now or NOT_BEGUN
            for row in now["rows"][rows:]:
                yield row
                rows += 1
            if is_over and job.error:
                yield {"error": job.error}
            elif version != job.version or time.monotonic() - sent_at > TELL:
                version, sent_at = job.version, time.monotonic()
                position, _ = JOBS.position(job)
                yield now["progress"] | {"position": position}
    except asyncio.CancelledError:
        JOBS.stop(job)

"""Updates on a job while it runs: long polling for the page, a stream for programs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from explorer.retrain.jobs import JOBS, Job
from explorer.retrain.messages import NOT_BEGUN, NOT_THERE
from train.errors import UserError

MAX_WAIT = 5  # seconds, after which a page is answered even without news
POLL_INTERVAL = 0.1  # seconds between two checks for news
STREAM_INTERVAL = 1.0  # seconds, after which a program gets a message even without news


async def job_state(question: dict) -> dict:
    """State of a job for the page that watches it: networks trained since the last answer, and the network in training.

    The answer comes with the first news, or after `MAX_WAIT`. In the question `seen` is the state that the page knows, and
    `have` the number of trained networks that it knows. Raises `UserError`.
    """
    match question:
        case {"visit": str(secret), "job": str(name), "seen": seen, "have": int(have)}:
            job = JOBS.find(name, secret)
        case _:
            raise UserError(NOT_THERE)
    job.touch()
    end = time.monotonic() + MAX_WAIT
    while seen == [job.version, *JOBS.position(job)] and time.monotonic() < end:
        await asyncio.sleep(POLL_INTERVAL)
    # Read first: a later change has a later version, which the next answer brings.
    version, is_over = job.version, job.is_over
    position, waiting = JOBS.position(job)
    return {
        "seen": [version, position, waiting],
        "position": position,
        "waiting": waiting,
        "seconds": JOBS.seconds_until(position),
        "ended": job.ended[max(0, have) :],
        "run": job.latest,
        "over": is_over,
        "error": job.error,
    }


async def stream(job: Job, is_watched: Callable[[], bool]) -> AsyncIterator[dict]:
    """Messages to a program about its job: each row of the history once, the progress between the rows, and the whole result at the end.

    A cancelled stream stops its job; a stream that is closed or not read only stops watching it. Gradio cancels all streams of
    a client together, and never ends the others where one raises: so the cancellation is not raised again.
    """
    rows, version, sent_at, is_over = 0, -1, 0.0, False
    try:
        while not is_over:
            await asyncio.sleep(POLL_INTERVAL)
            if is_watched():
                job.touch()
            is_over, latest = job.is_over, job.latest or NOT_BEGUN
            for row in latest["rows"][rows:]:
                yield row
                rows += 1
            if is_over and job.error:
                raise UserError(job.error)
            elif version != job.version or time.monotonic() - sent_at > STREAM_INTERVAL:
                version, sent_at = job.version, time.monotonic()
                position, _ = JOBS.position(job)
                yield latest["progress"] | {"position": position}
        if job.ended:
            yield job.ended[-1]["progress"] | {"position": 0} | job.ended[-1]["result"]
    except asyncio.CancelledError:
        JOBS.stop(job)

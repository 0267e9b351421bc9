"""Updates on a job: the stream of a program, and the answers to a page that watches."""

from collections import deque
from dataclasses import asdict

import pytest

from explorer.retrain import messages, updates
from explorer.retrain.jobs import Job
from tests.awaiting import awaited
from train.errors import UserError

STATUS = asdict(messages.Status("training", 3, 10, 2.0, 0.1))


def job_of(rows: list, error: str = "") -> Job:
    """A job that is over."""
    latest = {"progress": STATUS, "rows": rows}
    return Job(
        "me", deque(), "CPU", dict, str, latest=latest, error=error, is_over=True
    )


def streamed(job: Job, is_watched=lambda: False) -> list[dict]:
    async def collect() -> list:
        return [message async for message in updates.stream(job, is_watched)]

    return awaited(collect())


def test_a_program_gets_its_rows_once_and_its_status():
    *rows, last = streamed(job_of([{"epoch": 1}, {"epoch": 2}]))
    assert rows == [{"epoch": 1}, {"epoch": 2}]
    assert last == STATUS | {"position": 0}


def test_a_program_gets_the_error_that_ended_its_job():
    with pytest.raises(UserError, match="sorry"):
        streamed(job_of([{"epoch": 1}], "sorry"))


def test_the_last_message_to_a_program_is_the_whole_result():
    job = job_of([{"epoch": 1}])
    result = {"test_acc": 0.9, "history": [{"epoch": 1}]}
    job.ended.append(job.latest | {"result": result})
    assert streamed(job)[-1] == STATUS | {"position": 0} | result


def test_a_job_is_watched_while_its_stream_is_read():
    unread, read = job_of([]), job_of([])
    streamed(unread)
    streamed(read, lambda: True)
    assert (unread._is_watched, read._is_watched) == (False, True)


def test_a_waiting_job_has_a_status_without_numbers():
    job = job_of([])
    job.latest = None
    assert streamed(job) == [
        {
            "phase": "waiting",
            "done": 0,
            "total": None,
            "seconds_left": None,
            "train_loss": None,
            "position": 0,
        }
    ]


@pytest.mark.parametrize(
    "question", [None, {}, {"visit": "a" * 32, "job": "x", "seen": None, "have": 0}]
)
def test_a_page_that_watches_no_job_gets_an_error(question):
    with pytest.raises(UserError, match="not there|gone"):
        awaited(updates.job_state(question))

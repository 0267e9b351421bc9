"""Jobs: limits, the order of the queue, and the end of a job that nobody watches."""

import threading
from collections import deque
from contextvars import ContextVar
from dataclasses import replace

import pytest

from explorer.retrain import jobs, training
from explorer.retrain.jobs import Job, JobError, Jobs, QueueFull
from explorer.retrain.training import CPU
from tests.awaiting import PATIENCE, end, wait
from train.checkpoint import STOPPED
from train.study import Trial

SHORT = Trial("LN", 0.0, 0.0, 50, epochs=1, train_images=100)
LONG = replace(SHORT, epochs=25, train_images=60_000)


def new_job(owner="me", *trials, to_message=None, to_error=str, address=None) -> Job:
    """A job, of a short training unless trials are given; its messages hold the `Progress` itself."""
    to_message = to_message or (lambda progress: {"progress": progress})
    return Job(
        owner, deque(trials or [SHORT]), CPU, to_message, to_error, address=address
    )


@pytest.fixture
def queue():
    """A queue that is stopped after the test."""
    queue = Jobs()
    yield queue
    end(queue)


@pytest.fixture
def held(queue):
    """An event whose `queue` trains nothing before the event is set: its first job holds the thread."""
    event = threading.Event()
    event.queue = queue
    event.first = queue.submit(
        new_job("first", to_message=lambda progress: event.wait() and {})
    )
    wait(lambda: queue.position(event.first)[0] == 0)
    yield event
    event.set()


@pytest.fixture
def clock(stopped_clock):
    return stopped_clock(jobs)


def test_an_owner_has_at_most_two_jobs_a_class_one_each_and_programs_ten_in_all(held):
    queue = held.queue
    for _ in range(2):
        queue.submit(new_job("greedy"))
    with pytest.raises(JobError, match="2 trainings of yours wait or run already"):
        queue.submit(new_job("greedy"))
    for number in range(7):
        queue.submit(new_job(f"other {number}"))
    with pytest.raises(JobError, match="10 trainings wait or run already"):
        queue.submit(new_job("a program"), jobs.MAX_STREAMED)
    for number in range(40):
        queue.submit(new_job(f"pupil {number}"))
    with pytest.raises(QueueFull, match="50 trainings wait or run already"):
        queue.submit(new_job("late"))
    assert len(queue.of("greedy")) == 2


def test_no_address_has_all_places(held):
    queue = held.queue
    for number in range(int(jobs.SHARE_OF_ADDRESS * jobs.MAX_JOBS)):
        queue.submit(new_job(f"made up {number}", address="1.1.1.1"))
    with pytest.raises(QueueFull, match="40 trainings from your address"):
        queue.submit(new_job("another", address="1.1.1.1"))
    queue.submit(new_job("a newcomer", address="2.2.2.2"))
    queue.submit(new_job("of an unknown address"))


def test_a_job_of_many_networks_queues_again_after_each(held):
    order, queue = [], held.queue

    def note(progress):
        if progress.result:
            order.append(progress.trial.seed)
        return {}

    many = queue.submit(
        new_job("a", *(replace(SHORT, seed=n) for n in (1, 2)), to_message=note)
    )
    one = queue.submit(new_job("b", replace(SHORT, seed=9), to_message=note))
    assert queue.position(many) == (1, 2) and queue.position(one) == (2, 2)
    held.set()
    wait(lambda: many.is_over and one.is_over)
    assert order == [1, 9, 2]
    assert len(many.ended) == 2
    assert queue.of("a") == []


def test_a_job_ends_where_one_network_is_enough_and_its_time_tells_the_wait(held):
    queue = held.queue
    job = new_job("a", *(replace(SHORT, seed=n) for n in (1, 2, 3)))
    job.is_enough = lambda message: message["progress"].trial.seed == 2
    queue.submit(job)
    assert queue.seconds_until(1) is None
    held.set()
    wait(lambda: job.is_over)
    assert [message["progress"].trial.seed for message in job.ended] == [1, 2]
    assert queue.seconds_until(4) == pytest.approx(2 * queue.seconds_until(2))


def test_a_stop_ends_a_waiting_job_at_once_and_keeps_the_network_of_a_running_one(held):
    queue = held.queue
    waiting = queue.submit(new_job())
    queue.stop(waiting)
    assert waiting.is_over and waiting.latest is None
    assert queue.find(waiting.name, "me") is waiting
    running = queue.submit(new_job("me", LONG))
    held.set()
    wait(lambda: running.latest and running.latest["progress"].done)
    queue.stop(running)
    wait(lambda: running.is_over)
    (ended,) = running.ended
    assert 0 < ended["progress"].result.summary[STOPPED] < ended["progress"].total


def test_a_server_that_ends_waits_for_its_training_to_end(queue, monkeypatch):
    monkeypatch.setattr(jobs, "CLOSING_SECONDS", PATIENCE)
    queue.close()  # nothing runs
    running = queue.submit(new_job("me", LONG))
    waiting = queue.submit(new_job("you", LONG))
    wait(lambda: running.latest and running.latest["progress"].done)
    queue.close()
    assert running.is_over and waiting.is_over and queue._worker is None


def test_a_waiting_job_that_nobody_watches_leaves_the_queue(held, clock):
    queue = held.queue
    never, once = queue.submit(new_job("never")), queue.submit(new_job("once"))
    once.touch()
    clock.now += jobs.NEVER_WATCHED_SECONDS + 1
    assert queue.of("never") == [] and never.is_over
    assert queue.of("once") == [once]
    clock.now += jobs.UNWATCHED_SECONDS - jobs.NEVER_WATCHED_SECONDS - 2
    assert queue.of("once") == [once]
    queue.touch("once")  # its page is there, whatever it shows
    clock.now += jobs.UNWATCHED_SECONDS - 1
    assert queue.of("once") == [once]
    clock.now += 2
    assert queue.of("once") == [] and once.is_over


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_running_job_that_nobody_watches_ends(is_watched, queue, clock):
    job = queue.submit(new_job("me", LONG))
    if is_watched:
        job.touch()
    wait(lambda: job.latest and job.latest["progress"].done)
    clock.now += (
        jobs.UNWATCHED_SECONDS if is_watched else jobs.NEVER_WATCHED_SECONDS
    ) - 1
    version = job.version
    wait(lambda: job.version > version + 2)  # it goes on
    clock.now += 2
    wait(lambda: job.is_over)
    assert job.ended[0]["progress"].result.summary[STOPPED]


def test_only_its_owner_finds_a_job(held):
    job = held.queue.submit(new_job())
    assert held.queue.find(job.name, "me") is job
    for name, owner in ((job.name, "you"), ("another", "me"), (None, None)):
        with pytest.raises(JobError, match="gone"):
            held.queue.find(name, owner)


def test_an_error_ends_its_job_and_no_other(queue):
    bad = new_job(
        "bad",
        SHORT,
        SHORT,
        to_message=lambda progress: 1 / 0,
        to_error=lambda error: "sorry",
    )
    good = new_job("good")
    queue.submit(bad)
    queue.submit(good)
    wait(lambda: good.is_over)
    assert bad.is_over and bad.error == "sorry"
    assert good.error == "" and len(good.ended) == 1
    again = queue.submit(new_job("again"))  # by a new thread: the first has ended
    wait(lambda: again.is_over)


def test_a_job_is_trained_in_the_context_of_its_request(queue, monkeypatch):
    visitor = ContextVar("visitor", default="nobody")
    contexts, snapshots = {}, training.snapshots

    def recorded(trial, *arguments):
        contexts[trial.seed] = visitor.get()
        yield from snapshots(trial, *arguments)

    monkeypatch.setattr(training, "snapshots", recorded)
    visitor.set("somebody")
    job = new_job("me", replace(SHORT, seed=99))  # a seed of no other test
    visitor.set("another")
    queue.submit(job)
    wait(lambda: job.is_over)
    assert contexts[99] == "somebody"

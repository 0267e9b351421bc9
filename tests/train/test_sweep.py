import multiprocessing
import os
import platform
import shutil
import signal
from contextlib import closing
from dataclasses import replace
from multiprocessing.context import SpawnProcess

import pytest

from train import checkpoint, lock, loop, pace, sweep
from train.pace import Pace
from train.study import Trial

SLOW = {"epochs": 500, "train_images": 20_000}


def test_find_separates_finished_missing_and_damaged(folder, trained, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "checkpoints")
    damaged = checkpoint.path_of(trained[1].trial, copy)
    damaged.write_bytes(damaged.read_bytes()[:1000])
    shutil.copy(
        checkpoint.path_of(trained[0].trial, copy),
        checkpoint.path_of(trained[2].trial, copy),
    )
    trials = [checkpoint.trial for checkpoint in trained]
    absent = replace(trials[0], seed=9)
    done, missing, problems = sweep.find([*trials, absent], copy)
    assert list(done) == trials[:1]
    assert missing == [trials[1], trials[2], absent]
    assert [problem.split(":")[0] for problem in problems] == [
        damaged.name,
        f"{trials[2].name}.safetensors",
    ]


def test_a_sweep_trains_what_the_loop_trains(mnist, tiny, trained, tmp_path):
    trials = [checkpoint.trial for checkpoint in trained]
    events = list(sweep.sweep(trials, mnist, tmp_path, "cpu", workers=2))
    finished = {event.trial: event.finished for event in events if event.finished}
    assert set(finished) == set(trials)
    assert not any(event.failed for event in events)
    assert any(event.progress for event in events)
    for expected in trained:
        saved = checkpoint.load(checkpoint.path_of(expected.trial, tmp_path))
        assert (
            saved.test_digits
            == finished[expected.trial].test_digits
            == expected.test_digits
        )


def test_epochs_are_kept_beside_a_whole_network_that_stays_as_it_is(
    mnist, tiny, trained, tmp_path
):
    trial = replace(tiny, epochs=3)
    whole = replace(trained[0], trial=tiny)
    checkpoint.save(whole, tmp_path)
    before = checkpoint.path_of(tiny, tmp_path).read_bytes()
    list(sweep.sweep([tiny, trial], mnist, tmp_path, "cpu", 1, keep=[1, 2]))
    assert checkpoint.path_of(tiny, tmp_path).read_bytes() == before
    names = {f"{tiny.name}_epoch=1", trial.name, f"{trial.name}_epoch=1", f"{trial.name}_epoch=2"}  # fmt: skip
    assert {path.stem for path in tmp_path.iterdir()} == names | {tiny.name}
    last = checkpoint.load(checkpoint.path_of(trial, tmp_path))
    for epoch in (1, 2):
        path = checkpoint.path_of(trial, tmp_path, epoch)
        kept = checkpoint.load(path)
        assert (kept.epoch, kept.name, kept.is_midway) == (epoch, path.stem, True)
        assert checkpoint.header_of(path.read_bytes())["epoch"] == str(epoch)
        assert [row | {"seconds": 0} for row in kept.history] == [
            row | {"seconds": 0} for row in last.history[:epoch]
        ]
        assert kept.summary["last"]["test_acc"] == last.history[epoch - 1]["test_acc"]
    assert not last.is_midway
    assert sweep.find([tiny, trial], tmp_path, [1, 2])[1] == []
    path.rename(checkpoint.path_of(trial, tmp_path))  # no whole network
    done, missing, problems = sweep.find([tiny, trial], tmp_path, [1])
    assert (list(done), missing) == ([tiny], [trial])
    assert "holds another trial" in problems[0]


def test_a_failing_trial_and_a_dying_worker_fail_alone(mnist, tiny, tmp_path, children):
    folder = tmp_path / "gone"
    events = list(sweep.sweep([tiny], mnist, folder, "cpu", workers=1))
    assert "FileNotFoundError" in events[-1].failed
    slow = replace(tiny, **SLOW)
    with closing(
        sweep.sweep([slow, tiny], mnist, tmp_path, "cpu", workers=1)
    ) as events:
        assert next(events).progress
        for child in children():
            child.kill()
        ended = [event for event in events if not event.progress]
    assert [event.trial for event in ended] == [slow, tiny]
    assert "exit code -9" in ended[0].failed
    assert ended[1].finished


@pytest.fixture
def children():
    """Function that lists the running processes started by this test, without workers of earlier tests."""
    before = set(multiprocessing.active_children())
    return lambda: [
        process
        for process in multiprocessing.active_children()
        if process not in before
    ]


def test_closing_a_sweep_ends_its_workers_and_leaves_no_partial_file(
    mnist, tiny, tmp_path, children
):
    trials = [replace(tiny, seed=seed, **SLOW) for seed in (1, 2, 3)]
    events = sweep.sweep(trials, mnist, tmp_path, "cpu", workers=2)
    next(events)
    assert len(children()) == 2
    events.close()
    assert not children()
    assert not list(tmp_path.iterdir())


def test_two_sweeps_on_one_folder_train_a_trial_once(mnist, tiny, tmp_path):
    path, other = checkpoint.path_of(tiny, tmp_path), replace(tiny, seed=5)
    with lock.held(path) as holder:
        assert holder == ""
        events = list(sweep.sweep([tiny, other], mnist, tmp_path, "cpu", workers=1))
    ended = {event.trial: event for event in events if not event.progress}
    assert (
        ended[tiny].failed
        == f"process {os.getpid()} on {platform.node()} trains it now"
    )
    assert ended[other].finished and not path.exists()
    assert [entry.suffix for entry in tmp_path.iterdir()] == [".safetensors"]
    # What another sweep has trained since this one looked is not trained again.
    before = checkpoint.path_of(other, tmp_path).stat().st_mtime_ns
    (event,) = sweep.sweep([other], mnist, tmp_path, "cpu", workers=1)
    assert event.finished
    assert checkpoint.path_of(other, tmp_path).stat().st_mtime_ns == before


def test_the_time_left_is_that_of_the_last_worker():
    pace = Pace()
    short, long = (Trial(norm, 0.0, 0.0, 128, epochs=10) for norm in ("GN", "BN"))
    assert pace.left({}, [short], 2) is None
    pace.record(short, 6.0)
    pace.record(long, 12.0)
    # Two workers: the running long trial needs 60 s more, the free one takes 60 s, then 60 s.
    assert pace.left({long: 0.5}, [short, short], 2) == pytest.approx(120)
    assert pace.left({long: 0.5}, [], 2) == pytest.approx(60)
    assert pace.left({}, [short, short, short], 1) == pytest.approx(180)
    unknown = replace(short, norm="LN")
    assert pace.of(unknown) == pytest.approx(90)


def test_a_pace_is_measured_by_training(few, tiny, monkeypatch):
    monkeypatch.setattr(pace, "PACE_SECONDS", 0.05)
    measured = pace.measure(
        [tiny, replace(tiny, train_images=600, epochs=25)], few, "cpu"
    )
    assert measured.of(tiny) > 0
    assert loop.finish(loop.train(tiny, few)).test_digits  # measuring leaves no trace


def test_an_interrupt_while_a_worker_starts_is_not_lost(
    mnist, tiny, tmp_path, monkeypatch, children
):
    start = SpawnProcess.start

    def interrupted(process):
        signal.raise_signal(signal.SIGINT)
        start(process)

    monkeypatch.setattr(SpawnProcess, "start", interrupted)
    # The parent process may ignore SIGINT, as a shell does for background jobs, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            list(sweep.sweep([tiny], mnist, tmp_path, "reference", 1))
    finally:
        signal.signal(signal.SIGINT, before)
    for process in children():
        process.join(60)
    assert not children()
    assert not list(tmp_path.iterdir())

"""Training: equality with the engine, its progress, early ends, and what crosses a fork."""

import inspect
import math
import pickle
from dataclasses import replace

import pytest
import torch

from explorer.retrain import (
    hyperparameters,
    kernels,
    messages,
    requests,
    training,
)
from explorer.retrain.kernels import compile_kernels
from explorer.retrain.training import CPU, GPU
from train import engines, loop
from train.checkpoint import STOPPED, Checkpoint
from train.cpu import engine
from train.cuda import check
from train.evaluate import evaluate
from train.study import ROWS, Trial

QUICK = {"train_images": 1000, "batch_size": 40, "epochs": 2}


def reports_of(settings: dict, is_stopped=lambda: False) -> list:
    """Every `Progress` that a training yields."""
    trial = hyperparameters.trial_of(settings)
    return list(training.watch(trial, CPU, is_stopped))


@pytest.mark.parametrize("norm", ["BN", "GN", "LN"])
def test_a_network_equals_that_of_the_same_engine_bit_for_bit(norm, mnist):
    settings = QUICK | {"norm": norm, "l1": 1e-4, "l2": 4e-4, "seed": 3}
    network = reports_of(settings)[-1].result
    expected = loop.finish(engine.train(network.trial, mnist))
    assert network.engine == expected.engine
    assert network.test_digits == expected.test_digits
    for name, values in expected.state.items():
        assert torch.equal(network.state[name], values), name
    for row, other in zip(network.history, expected.history, strict=True):
        assert row | {"seconds": 0} == other | {"seconds": 0}


def test_progress_has_the_batches_the_losses_and_the_rows(monkeypatch):
    monkeypatch.setattr(training, "PAUSE", 0.0)  # every step has a snapshot
    reports = reports_of(QUICK | {"train_images": 20_000, "epochs": 2})
    phases = list(dict.fromkeys(progress.phase for progress in reports))
    assert phases[-3:] == ["training", "testing", "done"]
    last = reports[-1]
    assert [row["epoch"] for row in last.rows] == [1, 2]
    assert last.done == last.total == 1000
    assert last.ended == ""
    epochs = [at for at, _ in last.losses]
    assert epochs == sorted(epochs) and epochs[-1] == 2 and len(epochs) >= 4
    # The losses between the snapshots add up to those of the epochs.
    edges = [0.0, *epochs]
    for epoch, row in enumerate(last.rows, 1):
        parts = [
            (at - before) * loss
            for before, (at, loss) in zip(edges[:-1], last.losses, strict=True)
            if epoch - 1 < at <= epoch
        ]
        assert sum(parts) == pytest.approx(row["train_loss"], rel=1e-6)
    assert all(progress.seconds_left > 0 for progress in reports[:-1] if progress.done)


def test_a_stop_keeps_what_was_learned(mnist):
    reports = []

    def is_stopped() -> bool:
        return bool(reports) and reports[-1].done > 200

    trial = hyperparameters.trial_of({"epochs": 3, "norm": "BN"})
    for progress in training.watch(trial, CPU, is_stopped):
        reports.append(progress)
    last = reports[-1]
    assert 200 < last.result.summary[STOPPED] == last.done < last.total
    assert f"Stopped after {last.done:,} of {last.total:,} batches" in last.ended
    assert len(last.rows) == len(last.result.history) == 1
    network = last.result
    assert evaluate(network.network(), mnist.test).acc == pytest.approx(
        network.history[-1]["test_acc"], abs=2e-4
    )
    assert int(network.state["blocks.0.norm.num_batches_tracked"]) == last.done


def test_a_stop_at_the_end_of_an_epoch_keeps_its_row(monkeypatch):
    whole = reports_of(QUICK)[-1].rows
    monkeypatch.setattr(training, "PAUSE", math.inf)  # snapshots only at ends of epochs
    last = reports_of(QUICK, lambda: True)[-1]
    assert last.result.summary[STOPPED] == 25
    (row,), first = last.rows, whole[0]
    assert row | {"seconds": 0} == first | {"seconds": 0}


def test_earlier_progress_does_not_change():
    first, *_, last = reports_of(QUICK)
    assert (first.rows, first.losses, first.result) == ((), (), None)
    assert len(last.rows) == 2 and last.losses and last.result


def test_a_stop_before_it_began_trains_nothing(monkeypatch):
    class Never:
        def done(self):
            return False

    monkeypatch.setattr(training, "prepared", lambda: Never())
    assert len(list(training.watch(Trial("GN", 0.0, 0.0, 8), CPU, lambda: True))) == 0


def test_a_closed_watch_closes_the_training(monkeypatch):
    sources, snapshots = [], training.snapshots
    monkeypatch.setattr(
        training,
        "snapshots",
        lambda *arguments: sources.append(snapshots(*arguments)) or sources[-1],
    )
    updates = training.watch(
        hyperparameters.trial_of({"epochs": 5}), CPU, lambda: False
    )
    for progress in updates:
        if progress.done:
            break
    updates.close()
    assert inspect.getgeneratorstate(sources[0]) == inspect.GEN_CLOSED


def test_a_training_ends_at_its_time_limit(monkeypatch):
    monkeypatch.setattr(training, "MAX_SECONDS", 0)
    last = reports_of(QUICK)[-1]
    assert last.ended.startswith("Stopped after 0 seconds")
    assert last.result.summary[STOPPED] == last.done


def test_a_network_that_only_guesses_is_stopped_and_explained():
    row2 = {"l1": ROWS[1].trial.l1, "batch_size": 8, "train_images": 2000, "epochs": 9}
    last = reports_of(row2)[-1]
    assert "L1 0.0994554 pulls every weight towards 0" in last.ended
    assert last.done == 250 < last.total
    assert last.rows[-1]["test_loss"] == pytest.approx(math.log(10), abs=0.01)


def test_a_few_steps_that_only_guess_may_go_on():
    last = reports_of(QUICK | {"train_images": 100, "batch_size": 100, "lr": 1e-4})[-1]
    assert (last.done, last.total) == (2, 2)
    assert STOPPED not in last.result.summary
    assert "too few steps" in last.ended


def test_a_training_that_diverges_is_stopped_and_explained(mnist):
    trial = replace(
        hyperparameters.trial_of(QUICK), lr=1e30
    )  # larger than a visitor may choose
    *_, last = training.watch(trial, CPU, lambda: False)
    assert "diverged: in epoch 1" in last.ended
    assert last.result.summary["diverged"] == 1
    assert all(values.isfinite().all() for values in last.result.state.values())


@pytest.fixture
def unprepared(monkeypatch):
    """A process that has prepared nothing yet, and starts no other to compile."""
    monkeypatch.setattr(kernels, "compile_kernels", lambda: None)
    for kept in (training.prepared, engines.prepare):
        kept.cache_clear()
    yield
    for kept in (training.prepared, engines.prepare):
        kept.cache_clear()


def test_compiled_kernels_are_read_without_another_process(unprepared, monkeypatch):
    engines.prepare("cpu")
    monkeypatch.setattr(kernels, "compile_kernels", compile_kernels)
    monkeypatch.setattr(kernels.subprocess, "Popen", fail)
    assert training.prepared().result() == ("cpu", "")


def fail(*_):
    raise OSError("no space for kernels")


TINY = QUICK | {"train_images": 100, "epochs": 1}


def test_where_the_reference_loop_trains_the_page_and_the_log_say_why(
    unprepared, monkeypatch, caplog
):
    monkeypatch.setattr(engine, "compile_kernels", fail)
    last = reports_of(TINY)[-1]
    assert last.result.engine == "reference-cpu"
    assert "no space for kernels" in last.slow
    assert "the reference loop trains on the CPU" in last.slow
    assert messages.progress_record(last)["slow"] == last.slow
    assert requests.answer(None, {"view": "begin"})["slow"] == last.slow
    assert last.slow in caplog.messages


def test_with_the_fast_engine_no_reason_is_given(unprepared, caplog):
    assert reports_of(TINY)[-1].slow == ""
    assert requests.answer(None, {"view": "begin"})["slow"] == ""
    assert training.log.name not in {record.name for record in caplog.records}


def test_where_a_gpu_fails_its_check_the_page_says_why(unprepared, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(check, "check", fail)
    monkeypatch.setattr(engines, "torch_device", lambda device: "cpu")
    first = next(training.snapshots(hyperparameters.trial_of(TINY), "cuda"))
    assert first.engine == "reference-cpu"
    assert "the reference loop trains on the GPU" in first.slow


def test_everything_that_crosses_a_fork_pickles_and_nothing_is_a_coroutine():
    trial = hyperparameters.trial_of(QUICK)
    events = list(training.snapshots(trial, "reference"))
    again = pickle.loads(pickle.dumps([(trial, "cuda"), events]))
    assert again[0] == (trial, "cuda")
    assert isinstance(again[1][-1], Checkpoint)
    assert again[1][0].step == events[0].step
    for snapshot in events[:-1]:
        assert {value.device.type for value in snapshot.state.values()} == {"cpu"}
    assert inspect.isgeneratorfunction(inspect.unwrap(training.ON_GPU))
    assert not inspect.iscoroutinefunction(training.ON_GPU)
    assert not inspect.isasyncgenfunction(training.ON_GPU)


def test_the_requested_gpu_time_grows_with_the_training():
    short, long_ = (
        training.gpu_seconds(hyperparameters.trial_of(settings), "cuda")
        for settings in ({}, {"epochs": 25})
    )
    assert 20 < short < long_ <= 120


def test_a_gpu_without_a_price_is_the_default(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert training.devices() == [GPU, CPU]
    assert training.price(hyperparameters.trial_of({}), GPU) == ""

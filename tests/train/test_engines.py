"""Choice of the engine: the fast one where it can be used, else the reference loop and a line with the reason."""

import sys
from dataclasses import replace
from functools import partial

import numba
import pytest
import torch
from numba.core.errors import LoweringError, TypingError

from train import engines, loop
from train.cpu import cache, engine, kernels
from train.cuda import check, convolutions


@pytest.fixture(autouse=True)
def fresh():
    """Clears the cache of `engines.prepare`, as if every test were a process of its own."""
    engines.prepare.cache_clear()
    yield
    engines.prepare.cache_clear()


@pytest.fixture
def gpu(monkeypatch):
    """Simulated CUDA device: PyTorch reports one, and the check runs on the CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(check, "check", partial(check.check, "cpu"))


def raising(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


def line(notes: tuple[str, ...]) -> str:
    (note,) = notes
    assert "\n" not in note and len(note) < 500
    return note


def test_the_kernels_train_on_the_cpu_where_they_can_be_compiled():
    device, _ = engines.prepare("cpu")
    assert device == "cpu"
    assert not engines.is_plain(device)
    assert engines.prepare("reference") == ("reference", ())


@pytest.mark.parametrize(
    "error",
    [
        TypingError("Failed in nopython mode pipeline\n" + "No implementation " * 99),
        LoweringError("Failed in nopython mode pipeline"),
        RuntimeError("cannot cache function: no locator available"),
        OSError(28, "No space left on device"),
        AssertionError(),
        NotImplementedError("no code for this processor"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_where_the_kernels_cannot_be_compiled_the_reference_loop_trains(
    error, monkeypatch
):
    monkeypatch.setattr(engine, "compile_kernels", raising(error))
    device, notes = engines.prepare("cpu")
    assert device == "reference"
    assert engines.is_plain(device)
    note = line(notes)
    assert type(error).__name__ in note
    assert " ".join(str(error).split())[:40] in note
    assert "reference loop trains on the CPU" in note


def test_an_error_of_numba_itself_falls_back_to_the_reference_loop(
    monkeypatch, mnist, tiny
):
    untyped = numba.njit(lambda *arguments: arguments.absent)
    monkeypatch.setattr(kernels, "train_batches", untyped)
    device, notes = engines.prepare("cpu")
    assert device == "reference"
    assert "TypingError" in line(notes)
    assert isinstance(engines.learner(tiny, mnist, device), loop.Reference)


def test_without_numba_the_reference_loop_trains(monkeypatch):
    monkeypatch.setitem(sys.modules, "train.cpu", None)  # an import of it fails
    monkeypatch.delattr("train.cpu")
    device, notes = engines.prepare("cpu")
    assert device == "reference"
    assert "ModuleNotFoundError" in line(notes)


def test_the_note_says_whether_the_compiled_kernels_are_cached(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "compile_kernels", lambda: 60.0)
    monkeypatch.setattr(cache, "FOLDER", tmp_path)
    assert engines.prepare("cpu") == ("cpu", ("Compiled the kernels in 60 s, once.",))
    engines.prepare.cache_clear()
    monkeypatch.setattr(cache, "FOLDER", None)
    assert "every process" in line(engines.prepare("cpu")[1])


def test_a_failing_preparation_is_tried_once_per_process(monkeypatch):
    calls = []
    monkeypatch.setattr(engine, "compile_kernels", lambda: calls.append(1) or 1 / 0)
    assert engines.prepare("cpu") == engines.prepare("cpu")
    assert len(calls) == 1


def test_stacks_train_on_a_gpu_whose_check_they_pass(gpu):
    assert engines.prepare("auto") == engines.prepare("cuda") == ("cuda", ())
    assert engines.torch_device("cuda") == "cuda"


def twice_the_gradient(x, w):
    """Correct outputs with twice the gradient: only a training step differs."""
    return convolutions.unfolded(x, 2 * w - w.detach())


@pytest.mark.parametrize(
    ("route", "broken", "text"),
    [
        ("unfolded", twice_the_gradient, "BN step on the unfolded route"),
        (
            "grouped",
            lambda x, w: convolutions.unfolded(x, w.flip(4)),
            "BN step on the grouped",
        ),
        (
            "grouped",
            lambda x, w: convolutions.unfolded(x, w) * torch.nan,
            "nan% of its length",
        ),
        ("dense", raising(RuntimeError("no kernel image")), "RuntimeError: no kernel"),
    ],
)
def test_where_a_gpu_fails_the_check_the_reference_loop_trains_on_it(
    gpu, monkeypatch, route, broken, text
):
    monkeypatch.setitem(convolutions.ROUTES, route, broken)
    device, notes = engines.prepare("auto")
    assert (device, engines.torch_device(device)) == ("cuda-reference", "cuda")
    assert engines.is_plain(device)
    note = line(notes)
    assert text in note
    assert "reference loop trains on the GPU" in note
    assert engines.prepare("cuda") == (device, notes)


def test_the_reference_loop_trains_one_trial_after_another_on_a_gpu(
    monkeypatch, few, tiny
):
    trials = [tiny, replace(tiny, seed=2)]
    groups = engines.share_out(trials, "cuda-reference")
    assert groups == [(trial,) for trial in trials]
    monkeypatch.setattr(engines, "torch_device", lambda device: "cpu")
    (checkpoint,) = engines.train(
        groups[0], few, "cuda-reference", lambda progress: None
    )
    assert checkpoint.engine == "reference-cpu"
    assert checkpoint.test_digits == loop.finish(loop.train(tiny, few)).test_digits


def test_a_missing_gpu_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(engines.DeviceError, match="--device cpu"):
        engines.prepare("cuda")

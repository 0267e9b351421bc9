"""Kernels compiled with bounds checks, for this processor and for one with narrower registers."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from train import data

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def cached_sources(tmp_path_factory) -> Path:
    """Copy of `train/` in the user's cache, in a folder named after its contents, so that the next run reuses the builds.

    Where that is not writable, the copy is in a temporary folder.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    sources = sorted((ROOT / "train").rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    folder = home / "mnist-norm-study" / f"checked-{digest.hexdigest()[:16]}"
    try:
        (folder / "train").mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        folder = tmp_path_factory.mktemp("checked")
        (folder / "train").mkdir()
    for source in sources:
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        if not target.exists():  # a new time stamp would invalidate Numba's cache
            partial = target.with_suffix(f".{os.getpid()}")
            shutil.copyfile(source, partial)
            partial.replace(target)
    return folder


@pytest.mark.parametrize(
    "processor", ["", pytest.param("haswell", marks=pytest.mark.slow)]
)
def test_every_position_lies_in_its_array_on_wide_and_on_narrow_registers(
    processor, cached_sources
):
    """With bounds checks, every norm trains on a batch of odd size and agrees with PyTorch."""
    program = (
        "from train import data, loop, norms, study\n"
        "from train.cpu import engine, simd\n"
        "import sys, torch, numpy as np\n"
        "assert simd.CHECKED\n"
        "digits = data.load_split(sys.argv[1], train=False).first(37)\n"
        "for norm in norms.BY_KEY:\n"
        "    trial = study.Trial(norm, 0.0, 0.0, 19, dropout=0.0, rotation=45.0, train_images=37)\n"
        "    both = [kind(trial, data.Mnist(digits, digits)) for kind in (engine.Kernels, loop.Reference)]\n"
        "    losses = [list(learner.train_epoch(0.01))[-1].loss for learner in both]\n"
        "    assert abs(losses[0] / losses[1] - 1) < 1e-4, (norm, losses)\n"
        "    states = [learner.state()['head.weight'] for learner in both]\n"
        "    assert (states[0] - states[1]).abs().max() < 1e-4, norm\n"
        "print('lanes', simd.LANES)\n"
    )
    environment = {
        **os.environ,
        "CHECK_KERNELS": "1",
        "NUMBA_CACHE_DIR": str(cached_sources / f"built-{processor}"),
        "PYTHONPATH": str(cached_sources),
    }
    if processor:
        environment |= {
            "NUMBA_CPU_NAME": processor,
            "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2",
        }
    result = subprocess.run(
        [sys.executable, "-c", program, str(data.ROOT)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    if processor:
        assert "lanes 8" in result.stdout

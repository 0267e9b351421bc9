"""The committed checkpoints against an independent forward pass, which does not use `model.py`."""

import json

import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open

from train.checkpoint import FOLDER, load, path_of
from train.study import ROWS

FIRST = tuple(ROWS[number - 1].trial.config for number in (1, 7, 11))
PATHS = sorted(FOLDER.glob("*.safetensors"))
EVERY = 47  # quick tests check every 47th file; coprime to the number of seeds


def logits_of(weights: dict, norm: str, pixels: torch.Tensor) -> torch.Tensor:
    """Logits (N, 10) of uint8 images (N, 28, 28)."""
    x = (pixels[:, None].float() / 255 - 0.1307) / 0.3081
    for block in range(6):
        x = F.conv2d(x, weights[f"blocks.{block}.conv.weight"], padding=1).relu()
        scale, shift = (
            weights[f"blocks.{block}.norm.{key}"] for key in ("weight", "bias")
        )
        if norm == "BN":
            mean = weights[f"blocks.{block}.norm.running_mean"]
            var = weights[f"blocks.{block}.norm.running_var"]
            x = F.batch_norm(x, mean, var, scale, shift)
        elif norm in ("GN", "LN"):
            x = F.group_norm(x, {"GN": 4, "LN": 1}[norm], scale, shift)
        else:
            if norm == "RMS":
                x = F.rms_norm(x, x.shape[1:], eps=1e-5)
            x = x * scale[:, None, None] + shift[:, None, None]
        if block in (1, 3, 5):
            x = F.max_pool2d(x, 2)
    return F.conv2d(x.mean((2, 3), keepdim=True), weights["head.weight"]).flatten(1)


@torch.inference_mode()
def verified_header(path, images: torch.Tensor) -> dict:
    """Header of a checkpoint, after a check that its digits are the predictions of its weights for `images`.

    A network whose weights the penalty shrank to almost 0 has nearly equal logits, of which rounding may pick any.
    """
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
        weights = {name: file.get_tensor(name) for name in file.keys()}
    norm = json.loads(header["trial"])["norm"]
    logits = torch.cat([logits_of(weights, norm, part) for part in images.split(1000)])
    digits = torch.tensor(list(map(int, header["test_digits"][: len(images)])))
    chosen = logits.gather(1, digits[:, None])[:, 0]
    assert (chosen >= logits.amax(1) - 1e-5).all()
    return header


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.slow if index % EVERY else ())
        for index, path in enumerate(PATHS)
    ],
    ids=lambda path: path.stem,
)
def test_a_header_has_the_predictions_of_an_independent_forward_pass(path, mnist):
    # All images for seed 1 of every configuration and for three rows; for all networks they would take too long.
    whole = path.stem.endswith("_seed=1") or path.stem.startswith(FIRST)
    header = verified_header(path, mnist.test.images[: None if whole else 100])
    digits = torch.tensor(list(map(int, header["test_digits"])))
    accuracy = int((digits == mnist.test.labels).sum()) / 10_000
    assert json.loads(header["summary"])["last"]["test_acc"] == accuracy
    assert json.loads(header["history"])[-1]["test_acc"] == accuracy


@pytest.mark.parametrize("number", [1, 7, 11])
def test_rows_1_7_and_11_exist_with_a_plausible_accuracy(number):
    trial = ROWS[number - 1].trial
    checkpoint = load(path_of(trial))
    assert checkpoint.trial == trial
    assert len(checkpoint.history) == 25
    assert 0.991 <= checkpoint.summary["last"]["test_acc"] <= 0.996

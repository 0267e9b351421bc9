"""Evaluation of a network on a set of digits: loss, accuracy, predicted digits and calibration."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from train.data import Split, normalise
from train.model import Network
from train.validation import BINS

CHUNK = 1000  # images in one forward pass


@dataclass(frozen=True)
class Evaluation:
    """Predictions of one network without dropout: log-probabilities (N, 10) on the CPU, and the labels (N,)."""

    log_probs: Tensor
    labels: Tensor

    @property
    def preds(self) -> Tensor:
        return self.log_probs.argmax(1)

    @property
    def correct(self) -> Tensor:
        return self.preds == self.labels

    @property
    def acc(self) -> float:
        return int(self.correct.sum()) / len(self.labels)

    @property
    def loss(self) -> float:
        """Mean negative log-likelihood of the labels, in nats."""
        return F.nll_loss(self.log_probs.double(), self.labels).item()

    @property
    def digits(self) -> str:
        """Predicted digits, one character per image."""
        return "".join(map(str, self.preds.tolist()))


@torch.inference_mode()
def evaluate(network: Network, split: Split) -> Evaluation:
    """Evaluation of `network` on every image of `split`, on the split's device; leaves the network in evaluation mode."""
    network.eval()
    log_probs = torch.cat(
        [
            network(normalise(images, split.pixels))
            for images in split.images.split(CHUNK)
        ]
    )
    return Evaluation(log_probs.cpu(), split.labels.cpu())


def reliability(evaluation: Evaluation) -> dict[str, list]:
    """Images, sum of confidences and correct images, per bin of confidence (b/15, (b+1)/15]."""
    confidence = evaluation.log_probs.double().amax(1).exp()
    bins = (confidence * BINS).ceil().long().clamp(1, BINS) - 1
    return {
        "count": torch.bincount(bins, minlength=BINS).tolist(),
        "confidence": torch.bincount(bins, confidence, BINS).tolist(),
        "correct": torch.bincount(bins, evaluation.correct.double(), BINS)
        .long()
        .tolist(),
    }


def calibration_error(bins: dict[str, list]) -> float:
    """Expected calibration error: sum over bins of n_b/N |accuracy_b - confidence_b| (Guo et al. 2017, 1706.04599)."""
    gaps = sum(
        abs(correct - confidence)
        for correct, confidence in zip(bins["correct"], bins["confidence"], strict=True)
    )
    return gaps / sum(bins["count"])

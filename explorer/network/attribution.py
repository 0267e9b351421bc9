"""Which pixels speak for a digit: attributions of one network for one image, by captum."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from train.checkpoint import Checkpoint
from train.data import normalise
from train.errors import UserError

GRADIENTS, CAM = "integrated gradients", "Grad-CAM"
METHODS = {
    GRADIENTS: "nats that each pixel adds to the digit's log-probability above the mean of all ten, against an empty field "
    "(Sundararajan et al. 2017, arXiv 1703.01365)",
    CAM: "where the last block's maps speak for the digit, 7 x 7 places enlarged (Selvaraju et al. 2017, arXiv 1610.02391)",
}
STEPS = 8  # of Gauss and Legendre, along each part of the path
OFF = 0.01  # of the difference: how far the sum may be off
LEAST = 1.0  # nats: a smaller difference, of a digit that is hardly spoken for, counts as this
WORST = 0.2  # of the largest error: parts that are off by more are halved
MAX_PARTS = 200  # parts, about
AT_ONCE = 64  # images in one pass, or one of each part


class AttributionError(UserError):
    """A method or a digit that there is not; the message is one sentence for the person who asked."""


@dataclass(frozen=True)
class Saliency:
    """What speaks for a digit, (28, 28) float32; and for integrated gradients what it should add up to."""

    digit: int
    prob: float
    values: np.ndarray
    difference: float | None = None  # of the scores of the image and of the empty field

    @property
    def total(self) -> float:
        return float(self.values.sum(dtype=np.float64))


def explain(
    found: Checkpoint, image: np.ndarray, method: str, digit: int | None = None
) -> Saliency:
    """What speaks in a uint8 image (28, 28) for a digit; without a digit for that which the network reads.

    The score is the digit's log-probability less the mean of all ten, in nats: unlike a logit it has no free constant, unlike
    a probability it does not saturate.

    Raises `AttributionError` for a method or a digit that there is not.
    """
    if method not in tuple(METHODS):
        raise AttributionError(
            f"There is no method {method!r}; choose one of {', '.join(METHODS)}."
        )
    if digit is not None and (type(digit) is not int or not 0 <= digit <= 9):
        raise AttributionError(f"A digit is a whole number from 0 to 9; got {digit!r}.")
    network = found.network().eval().requires_grad_(False)

    def scores(x: Tensor) -> Tensor:
        log_probs = network(x)
        return log_probs - log_probs.mean(1, keepdim=True)

    given, empty = normalise(
        torch.from_numpy(np.stack([image, np.zeros_like(image)]))
    ).split(1)
    log_probs = network(given)[0]
    digit = int(log_probs.argmax()) if digit is None else digit
    prob = float(log_probs[digit].exp())
    if method == CAM:
        return Saliency(
            digit, prob, _cam(scores, network.parts()[-1].norm, given, digit)
        )
    values, difference = _gradients(scores, given, empty, digit)
    return Saliency(digit, prob, values, difference)


def _gradients(
    scores, given: Tensor, empty: Tensor, digit: int
) -> tuple[np.ndarray, float]:
    """Integrated gradients, and the difference of the scores of the image and of the empty field, which they add up to.

    Networks with group and layer norm turn sharply, most of all close to the empty field, where there is hardly a variance
    to divide by. So the path is walked in parts: each is known to add up to the difference of its own ends, and where it
    does not it is halved.
    """
    from captum.attr import IntegratedGradients  # here: its import takes a second

    method = IntegratedGradients(scores)

    def walk(parts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of parts (P, 2) of the path: their attributions (P, 28, 28), how far those are off (P,), what they should be (P,)."""
        begin, end = (
            empty + share.view(-1, 1, 1, 1) * (given - empty)
            for share in parts.unbind(1)
        )
        batch = max(AT_ONCE, len(parts))
        made = method.attribute(
            end, begin, digit, n_steps=STEPS, internal_batch_size=batch
        )
        rise = (scores(end) - scores(begin))[:, digit]
        return made[:, 0], made.sum((1, 2, 3)) - rise, rise

    parts = torch.tensor([[0.0, 1.0]])
    values, off, (difference,) = walk(parts)
    allowed = OFF * max(abs(float(difference)), LEAST)
    while off.sum().abs() > allowed and len(parts) < MAX_PARTS:
        bad = off.abs() >= WORST * off.abs().max()
        first, last = parts[bad].unbind(1)
        middle = (first + last) / 2
        halves = torch.stack([torch.cat([first, middle]), torch.cat([middle, last])], 1)
        better, left, _ = walk(halves)
        parts = torch.cat([parts[~bad], halves])
        values = torch.cat([values[~bad], better])
        off = torch.cat([off[~bad], left])
    return values.sum(0).numpy(), float(difference)


def _cam(scores, layer: Module, given: Tensor, digit: int) -> np.ndarray:
    from captum.attr import LayerAttribution, LayerGradCam

    maps = LayerGradCam(scores, layer).attribute(
        given.requires_grad_(), digit, relu_attributions=True
    )
    return LayerAttribution.interpolate(maps.detach(), (28, 28), "bilinear")[
        0, 0
    ].numpy()

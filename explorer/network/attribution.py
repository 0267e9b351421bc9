"""Attribution of a network's answer to the pixels of an image: integrated gradients and Grad-CAM, by captum."""

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
STEPS = 8  # of Gauss-Legendre quadrature, along every part of the path
TOLERANCE = 0.01  # largest error of the sum, as a share of the difference of the scores
LEAST = 1.0  # nats; least difference for the tolerance, as some digits have hardly any evidence
WORST = 0.2  # share of the largest error; parts with a larger error are halved
MAX_PARTS = 200  # approximate largest number of parts
AT_ONCE = 64  # images in one pass, but at least one per part


class AttributionError(UserError):
    """Unknown method or digit; the message is one sentence for the visitor."""


@dataclass(frozen=True)
class Saliency:
    """Attributions (28, 28) float32 for a digit, and the value that integrated gradients must add up to."""

    digit: int
    prob: float
    values: np.ndarray
    difference: float | None = None  # score of the image less that of the empty field

    @property
    def total(self) -> float:
        """Sum of the attributions."""
        return float(self.values.sum(dtype=np.float64))


def explain(
    checkpoint: Checkpoint, image: np.ndarray, method: str, digit: int | None = None
) -> Saliency:
    """Attributions of a uint8 image (28, 28) for a digit, or without a digit for the predicted one.

    The score is the digit's log-probability less the mean of all ten, in nats: unlike a logit it has no free constant, and
    unlike a probability it does not saturate.

    Raises `AttributionError` for an unknown method or digit.
    """
    if method not in tuple(METHODS):
        raise AttributionError(
            f"There is no method {method!r}; choose one of {', '.join(METHODS)}."
        )
    if digit is not None and (type(digit) is not int or not 0 <= digit <= 9):
        raise AttributionError(f"A digit is a whole number from 0 to 9; got {digit!r}.")
    network = checkpoint.network().eval().requires_grad_(False)

    def scores(x: Tensor) -> Tensor:
        log_probs = network(x)
        return log_probs - log_probs.mean(1, keepdim=True)

    inputs, empty = normalise(
        torch.from_numpy(np.stack([image, np.zeros_like(image)])),
        checkpoint.setup.pixels,
    ).split(1)
    log_probs = network(inputs)[0]
    digit = int(log_probs.argmax()) if digit is None else digit
    prob = float(log_probs[digit].exp())
    if method == CAM:
        return Saliency(
            digit, prob, _cam(scores, network.parts()[-1].norm, inputs, digit)
        )
    values, difference = _gradients(scores, inputs, empty, digit)
    return Saliency(digit, prob, values, difference)


def _gradients(
    scores, image: Tensor, empty: Tensor, digit: int
) -> tuple[np.ndarray, float]:
    """Integrated gradients (28, 28), and the difference of the scores of image and empty field, which they add up to.

    The gradients of networks with group and layer norm change sharply along the path, most of all near the empty field,
    where the variance that they divide by is almost zero. The path is therefore integrated in parts: the attributions of a
    part must add up to the difference of the scores of its ends, and a part whose sum is wrong is halved.
    """
    from captum.attr import (
        IntegratedGradients,  # here, because this import takes a second
    )

    method = IntegratedGradients(scores)

    def integrate(parts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Attributions (P, 28, 28) of parts (P, 2) of the path, errors (P,) of their sums, and differences of the scores (P,)."""
        begin, end = (
            empty + share.view(-1, 1, 1, 1) * (image - empty)
            for share in parts.unbind(1)
        )
        batch = max(AT_ONCE, len(parts))
        values = method.attribute(
            end, begin, digit, n_steps=STEPS, internal_batch_size=batch
        )
        rise = (scores(end) - scores(begin))[:, digit]
        return values[:, 0], values.sum((1, 2, 3)) - rise, rise

    parts = torch.tensor([[0.0, 1.0]])
    values, errors, (difference,) = integrate(parts)
    allowed = TOLERANCE * max(abs(float(difference)), LEAST)
    while errors.sum().abs() > allowed and len(parts) < MAX_PARTS:
        bad = errors.abs() >= WORST * errors.abs().max()
        first, last = parts[bad].unbind(1)
        middle = (first + last) / 2
        halves = torch.stack([torch.cat([first, middle]), torch.cat([middle, last])], 1)
        better, remaining, _ = integrate(halves)
        parts = torch.cat([parts[~bad], halves])
        values = torch.cat([values[~bad], better])
        errors = torch.cat([errors[~bad], remaining])
    return values.sum(0).numpy(), float(difference)


def _cam(scores, layer: Module, image: Tensor, digit: int) -> np.ndarray:
    """Grad-CAM (28, 28) of a layer's maps, bilinearly enlarged."""
    from captum.attr import LayerAttribution, LayerGradCam

    maps = LayerGradCam(scores, layer).attribute(
        image.requires_grad_(), digit, relu_attributions=True
    )
    return LayerAttribution.interpolate(maps.detach(), (28, 28), "bilinear")[
        0, 0
    ].numpy()

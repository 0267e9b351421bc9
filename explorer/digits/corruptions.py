"""Digits made harder to read: turned, moved, noisy, blurred, faint, or with other strokes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

FINE = 2  # steps of stroke thickness a pixel


def rotate(images: Tensor, degrees: float) -> Tensor:
    """uint8 images (N, 28, 28) turned counter-clockwise about their centre, bilinear, corners paper."""
    from torchvision.transforms import v2  # here: its import takes a second

    return v2.functional.rotate(images, degrees, v2.InterpolationMode.BILINEAR, fill=0)


def shift(images: Tensor, right: float, down: float) -> Tensor:
    """Moved by so many pixels, whole ones; what leaves the field is lost."""
    from torchvision.transforms import v2

    return v2.functional.affine(images, 0, [right, down], 1, [0, 0], fill=0)


DRAWING = threading.Lock()


def noise(images: Tensor, deviation: float) -> Tensor:
    """With Gaussian noise of this deviation, as a share of full ink, the same at every call; cut off at paper and at full ink."""
    from torchvision.transforms import v2

    # torchvision draws from the one generator of all threads: two at once would draw each other's noise.
    with DRAWING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return v2.functional.gaussian_noise(images, sigma=deviation)


def blur(images: Tensor, deviation: float) -> Tensor:
    """Blurred by a Gaussian of this deviation in pixels."""
    from torchvision.transforms import v2

    side = 2 * int(np.ceil(3 * deviation)) + 1
    return v2.functional.gaussian_blur(images, [side, side], [deviation, deviation])


def contrast(images: Tensor, factor: float) -> Tensor:
    """Each blended with its own mean grey: 1 is as it is, 0 is grey all over."""
    from torchvision.transforms import v2

    return v2.functional.adjust_contrast(images.unsqueeze(1), factor).squeeze(1)


def thicken(images: Tensor, pixels: float) -> Tensor:
    """Strokes wider by so many pixels, in halves; narrower where negative.

    A grey dilation or erosion by a disk (Serra 1982) on twice the resolution.
    """
    radius = round(FINE * abs(pixels) / 2)
    if not radius:
        return images
    fine = ndimage.zoom(
        images.numpy(), (1, FINE, FINE), order=1, mode="nearest", grid_mode=True
    )
    away = np.arange(-radius, radius + 1)
    disk = away[:, None] ** 2 + away**2 <= radius**2
    apply = ndimage.grey_dilation if pixels > 0 else ndimage.grey_erosion
    fine = apply(fine, footprint=disk[None], mode="constant", cval=0)
    count, side, _ = images.shape
    coarse = fine.reshape(count, side, FINE, side, FINE).mean((2, 4))
    return torch.from_numpy(np.rint(coarse).astype(np.uint8))


def _each_way(*ways: Callable[[Tensor, float], Tensor]):
    """The first image one way, the second the next, and so on in a circle, so that no direction counts alone."""

    def apply(images: Tensor, strength: float) -> Tensor:
        made = torch.empty_like(images)
        for place, way in enumerate(ways):
            made[place :: len(ways)] = way(images[place :: len(ways)], strength)
        return made

    return apply


@dataclass(frozen=True)
class Corruption:
    """One way to make digits harder: `apply(images (N, 28, 28) uint8, strength)`, and the strengths that are tested."""

    name: str
    unit: str  # of the strengths, to read
    neutral: float  # the strength that changes nothing
    strengths: tuple[float, ...]
    apply: Callable[[Tensor, float], Tensor]

    @property
    def fading(self) -> bool:
        """Whether smaller strengths are harder: those of what is left."""
        return self.neutral > max(self.strengths)


CORRUPTIONS = (
    Corruption(
        "rotation",
        "degrees, either way",
        0,
        (10, 20, 30, 40, 50),
        _each_way(rotate, lambda images, degrees: rotate(images, -degrees)),
    ),
    Corruption(
        "shift",
        "pixels, to one of four sides",
        0,
        (1, 2, 3, 4, 5),
        _each_way(
            lambda images, far: shift(images, far, 0),
            lambda images, far: shift(images, 0, far),
            lambda images, far: shift(images, -far, 0),
            lambda images, far: shift(images, 0, -far),
        ),
    ),
    Corruption(
        "noise", "deviation, share of full ink", 0, (0.1, 0.2, 0.3, 0.4, 0.5), noise
    ),
    Corruption("blur", "deviation, pixels", 0, (0.5, 1, 1.5, 2, 2.5), blur),
    Corruption(
        "contrast", "share that is left", 1, (0.8, 0.6, 0.4, 0.2, 0.1), contrast
    ),
    Corruption("thickness", "pixels more", 0, (-2, -1, 1, 2, 3), thicken),
)

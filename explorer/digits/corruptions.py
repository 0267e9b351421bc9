"""Corruptions of digits: rotation, shift, noise, blur, contrast and stroke thickness."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

UPSAMPLING = 2  # fine pixels per pixel, when strokes are widened or narrowed


def rotate(images: Tensor, degrees: float) -> Tensor:
    """uint8 images (N, 28, 28) rotated counter-clockwise about their centre, bilinear; uncovered corners are paper (0)."""
    from torchvision.transforms import v2  # here, because this import takes a second

    return v2.functional.rotate(images, degrees, v2.InterpolationMode.BILINEAR, fill=0)


def shift(images: Tensor, right: float, down: float) -> Tensor:
    """Images (N, 28, 28) translated by whole pixels; ink that leaves the field is lost."""
    from torchvision.transforms import v2

    return v2.functional.affine(images, 0, [right, down], 1, [0, 0], fill=0)


NOISE_LOCK = threading.Lock()


def noise(images: Tensor, deviation: float) -> Tensor:
    """Images with Gaussian noise, clipped to 0 to 255; the noise is the same in every call.

    `deviation` is the standard deviation as a share of full ink (255).
    """
    from torchvision.transforms import v2

    # torchvision draws from the global generator: two threads at once would draw from each other's sequence.
    with NOISE_LOCK, torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return v2.functional.gaussian_noise(images, sigma=deviation)


def normals() -> Tensor:
    """Normal numbers (28, 28) that `noise` adds to one image, of deviation 1."""
    with NOISE_LOCK, torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.randn(28, 28)


def blur(images: Tensor, deviation: float) -> Tensor:
    """Images blurred by a Gaussian of this standard deviation in pixels."""
    from torchvision.transforms import v2

    side = 2 * int(np.ceil(3 * deviation)) + 1
    return v2.functional.gaussian_blur(images, [side, side], [deviation, deviation])


def contrast(images: Tensor, factor: float) -> Tensor:
    """Images blended with their own mean grey level: factor 1 leaves an image unchanged, 0 makes it uniformly grey."""
    from torchvision.transforms import v2

    return v2.functional.adjust_contrast(images.unsqueeze(1), factor).squeeze(1)


def thicken(images: Tensor, pixels: float) -> Tensor:
    """Images with strokes widened by so many pixels, rounded to whole ones; a negative number narrows them.

    Grey-level dilation or erosion by a disk (Serra 1982) at twice the resolution.
    """
    radius = round(UPSAMPLING * abs(pixels) / 2)
    if not radius:
        return images
    fine = ndimage.zoom(
        images.numpy(),
        (1, UPSAMPLING, UPSAMPLING),
        order=1,
        mode="nearest",
        grid_mode=True,
    )
    offsets = np.arange(-radius, radius + 1)
    disk = offsets[:, None] ** 2 + offsets**2 <= radius**2
    apply = ndimage.grey_dilation if pixels > 0 else ndimage.grey_erosion
    fine = apply(fine, footprint=disk[None], mode="constant", cval=0)
    count, side, _ = images.shape
    coarse = fine.reshape(count, side, UPSAMPLING, side, UPSAMPLING).mean((2, 4))
    return torch.from_numpy(np.rint(coarse).astype(np.uint8))


def _in_turn(*variants: Callable[[Tensor, float], Tensor]):
    """Corruption that applies its variants to the images in turn, so that no direction dominates."""

    def apply(images: Tensor, strength: float) -> Tensor:
        changed = torch.empty_like(images)
        for index, variant in enumerate(variants):
            some = slice(index, None, len(variants))
            changed[some] = variant(images[some], strength)
        return changed

    return apply


@dataclass(frozen=True)
class Corruption:
    """Named corruption: `apply(images (N, 28, 28) uint8, strength)`, and the strengths that are tested."""

    name: str
    unit: str  # of the strengths, for captions
    neutral: float  # the strength that changes nothing
    strengths: tuple[float, ...]
    apply: Callable[[Tensor, float], Tensor]

    @property
    def fading(self) -> bool:
        """True where a smaller strength is a stronger corruption, as of contrast, whose strength is the share that remains."""
        return self.neutral > max(self.strengths)


CORRUPTIONS = (
    Corruption(
        "rotation",
        "degrees, either way",
        0,
        (10, 20, 30, 40, 50),
        _in_turn(rotate, lambda images, degrees: rotate(images, -degrees)),
    ),
    Corruption(
        "shift",
        "pixels, to one of four sides",
        0,
        (1, 2, 3, 4, 5),
        _in_turn(
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

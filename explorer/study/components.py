"""Components of the variance of an accuracy between seeds: the seeds themselves, and the finite test set."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from explorer.study.statistics import LEVEL, ROUNDED, Interval


@dataclass(frozen=True)
class Components:
    """Variance between seeds on these test images, and the part of it that is drawing them, in squared points, with their degrees of freedom."""

    total: float
    df: int
    of_images: float
    images_df: float

    @property
    def deviation(self) -> float:
        """Standard deviation between seeds on these test images, in points."""
        return sqrt(self.total)

    @property
    def on_all_images(self) -> float:
        """Standard deviation between seeds of the accuracy on all images of this kind, in points; at least 0."""
        return sqrt(max(0.0, self.total - self.of_images))

    @property
    def share(self) -> float:
        """Share of the variance that is drawing these test images, at most 1."""
        return min(1.0, self.of_images / max(self.total, ROUNDED**2))

    @property
    def share_interval(self) -> Interval:
        """95 % interval of the share, from the F distribution of the ratio of the two variances (Searle, Casella & McCulloch 1992, chapter 3)."""
        quantiles = stats.f.ppf([LEVEL / 2, 1 - LEVEL / 2], self.df, self.images_df)
        ratio = self.of_images / max(self.total, ROUNDED**2)
        return Interval(*np.minimum(ratio * quantiles, 1))


def components(groups: Sequence[np.ndarray]) -> Components:
    """Components pooled over configurations with `correct` (seeds, N), bool, of two seeds or more.

    An answer is seed + image + rest, as in `variance.new_images_interval`: an accuracy varies between seeds by the variance of
    the seeds plus the variance of the rest / N. The rest's degrees of freedom are Satterthwaite's, because few of the N images
    have any of it.
    """
    df = sum(len(correct) - 1 for correct in groups)
    total, rest = 0.0, np.zeros(groups[0].shape[1])  # rest: of each image
    for correct in groups:
        answers = 100 * correct.astype(float)
        seeds = answers.mean(1)
        total += ((seeds - seeds.mean()) ** 2).sum() / df
        residuals = answers - answers.mean(0) - seeds[:, None] + seeds.mean()
        rest += (residuals**2).sum(0) / df
    images = len(rest)
    variance = rest.sum() / (images - 1)
    error = rest.var(ddof=1) / images
    images_df = 2 * variance**2 / error if error else np.inf
    return Components(float(total), df, float(variance / images), float(images_df))

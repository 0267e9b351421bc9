"""Sentence about the second endpoint, the negative log-likelihood."""

from explorer.study.families import Family
from explorer.study.statistics import DIFFERENT


def agreement(losses: Family, accuracies: Family) -> str:
    """Number of pairs that differ in the loss, and how many of them have the sign of the accuracy."""
    signs = {one.contrast.label: one.gap.estimate for one in accuracies.judged}
    different = [one for one in losses.judged if one.outcome == DIFFERENT]
    agreeing = sum(
        one.gap.estimate * signs[one.contrast.label] < 0 for one in different
    )
    by_accuracy = sum(one.outcome == DIFFERENT for one in accuracies.judged)
    return (
        f"Of the {len(losses.judged)} pairs of published rows as labelled, {len(different)} differ in negative log-likelihood "
        f"(Holm over all of them), {agreeing} of these with the row of the lower loss also the one with the higher mean accuracy; "
        f"{by_accuracy} differ in accuracy."
    )

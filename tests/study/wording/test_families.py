"""Sentences about families: costs and gains by batch size, and checks below a table."""

import pytest

from explorer.study import families
from explorer.study.families import Family, Judged
from explorer.study.statistics import Difference, Interval, judge
from explorer.study.wording.families import checks, cost, counted, read


def family(*estimates: float, new: float = 0.01, welch: str = "") -> Family:
    """Contrasts at batch 16, 32, ... with these differences and tiny errors; `new` is the half width on new images."""
    contrasts = [
        families.Contrast("no L1", "L1", {}, f"batch {16 * 2**index}")
        for index in range(len(estimates))
    ]
    judgements = judge([Difference(one, 0.002, 400, (60, 60)) for one in estimates])
    return Family(
        tuple(
            Judged(
                contrast,
                judgement,
                Interval(judgement.gap.estimate - new, judgement.gap.estimate + new),
                welch or judgement.outcome,
            )
            for contrast, judgement in zip(contrasts, judgements, strict=True)
        )
    )


@pytest.mark.parametrize(
    ("estimates", "sentence"),
    [
        (
            (0.1, 0.07, 0.0, 0.0),
            "costs 0.10 points at batch 16, 0.07 at 32 and less than 0.05 at 64 and 128",
        ),
        (
            (0.0, 0.0, -0.04, 0.0),
            "gains 0.04 points at batch 64 and costs less than 0.05 at 16, 32 and 128",
        ),
        ((0.0, 0.0), "costs less than 0.05 points at every batch size"),
        (
            (-0.06, 0.08),
            "gains 0.06 points at batch 16 and costs 0.08 at 32",
        ),
    ],
)
def test_a_penalty_costs_or_gains_by_batch_size(estimates, sentence):
    assert cost(family(*estimates), "L1") == f"L1 {sentence}"


def test_a_difference_that_new_images_need_not_show_is_named():
    assert checks(family(0.1, 0.0, new=0.2)).startswith(
        "Shown on these test images only, as the interval on new ones includes 0: no L1 minus L1, batch 16. With every"
    )
    assert "new ones" not in checks(family(0.1, 0.0, new=0.05))


def test_what_welchs_test_decides_otherwise_is_named():
    text = checks(family(0.1, welch="undecided"))
    assert "no L1 minus L1, batch 16 is undecided instead of different" in text
    assert checks(family(0.1)).endswith("every outcome is the same.")


def test_outcomes_are_counted_and_differences_read():
    some = family(0.1, -0.2, 0.0)
    assert counted(some) == (
        "of 3, 2 differ, 1 is equivalent within 0.05 points, 0 are too close to call"
    )
    assert read(some.judged[:2]) == (
        "L1 reads 0.10 points less than no L1 and no L1 reads 0.20 points less than L1"
    )

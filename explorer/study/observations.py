"""The four published observations, and the plans of the directed comparisons that test them on three studies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from explorer.runs import metrics
from explorer.study import statistics
from train.study import ROWS, STUDIES, Trial, as_run

LABELLED, RUN, GRID = "published", "as-run", "grid"
ARMS = {LABELLED: "as labelled", RUN: "as run", GRID: "grid"}
COLLAPSED_ROW = 2  # its penalty outweighs the loss; left out of claim 4
LOG_MARGIN = 0.223  # log 1.25
EPOCHS_TO_THRESHOLD = tuple(metrics.REACH.values())  # measures
RESOLUTIONS = {"points": statistics.RESOLUTION, "epochs": 1.0}  # by unit


@dataclass(frozen=True)
class Plan:
    """Plan of a stratified comparison on one measure: groups of trials called a and b in every stratum."""

    quantity: str
    a: str
    b: str
    measure: str
    unit: str
    sign: int
    strata: list[tuple[list[Trial], list[Trial]]]
    margin: float | None
    where: str = ""  # settings that both share, " at 32"
    deviations: bool = False  # compares deviations between runs, not means

    @property
    def label(self) -> str:
        return f"{self.quantity}, {self.a} against {self.b}{self.where}"

    @property
    def difference(self) -> str:
        """Label that says the direction of the difference."""
        return f"{self.quantity}, {self.a} minus {self.b}{self.where}"


def small_batches(arm: str) -> Iterator[Plan]:
    """Plans of observation 1: accuracy of GN against BN and LN at batch sizes 32 and 16."""
    for batch, other in product((32, 16), ("BN", "LN")):
        yield Plan(
            "accuracy",
            "GN",
            other,
            "acc",
            "points",
            1,
            norm_strata(arm, "GN", other, [batch]),
            statistics.MARGIN,
            f" at {batch}",
        )


def less_variance(arm: str) -> Iterator[Plan]:
    """Plans of observation 2: variation of the losses of BN against GN and LN, within and between runs."""
    spreads = (("noise", "within runs", False), ("loss", "between runs", True))
    for (measure, scope, deviations), split, other in product(
        spreads, ("test", "train"), ("GN", "LN")
    ):
        yield Plan(
            f"variation of the {split} loss {scope}",
            "BN",
            other,
            f"{measure}_{split}",
            "log ratio",
            -1,
            norm_strata(arm, "BN", other),
            LOG_MARGIN,
            deviations=deviations,
        )


def more_epochs(arm: str) -> Iterator[Plan]:
    """Plans of observation 3: epochs to a threshold of accuracy of LN against BN and GN."""
    for (threshold, column), other in product(metrics.REACH.items(), ("BN", "GN")):
        yield Plan(
            f"epochs to {100 * threshold:.1f} %",
            "LN",
            other,
            column,
            "epochs",
            1,
            norm_strata(arm, "LN", other),
            1.0,
        )


def penalties(arm: str) -> Iterator[Plan]:
    """Plans of observation 4: accuracy, and its gap between train and test, with against without penalty."""
    if arm == RUN:
        return
    trials = STUDIES[arm].trials
    if arm == LABELLED:
        trials = [row.trial for row in ROWS if row.number != COLLAPSED_ROW]
    for (measure, name), kind in product(
        (("acc", "accuracy"), ("gap", "gap between train and test")),
        ("L1", "L2", "L1 + L2"),
    ):
        strata = [
            ([trial], [as_run(trial)]) for trial in trials if trial.regulariser == kind
        ]
        yield Plan(name, kind, "none", measure, "points", -1, strata, statistics.MARGIN)


def norm_strata(
    arm: str, norm: str, other: str, batches: list[int] | None = None
) -> list[tuple[list[Trial], list[Trial]]]:
    """Strata for two norms: their trials at equal batch size, in the grid also at equal penalties."""
    groups: dict[tuple, dict[str, list[Trial]]] = {}
    for trial in STUDIES[arm].trials:
        key = (trial.batch_size, *([trial.l1, trial.l2] if arm == GRID else []))
        groups.setdefault(key, {}).setdefault(trial.norm, []).append(trial)
    return [
        (by_norm[norm], by_norm[other])
        for key, by_norm in groups.items()
        if norm in by_norm and other in by_norm and (not batches or key[0] in batches)
    ]


OBSERVATIONS: tuple[tuple[str, str, Callable[[str], Iterator[Plan]]], ...] = (
    (
        "Group norm does better at small batches (32, 16) than batch norm and layer norm.",
        "Welch's t test and TOST within 0.05 points on the last accuracy",
        small_batches,
    ),
    (
        "With the same training technique, batch norm shows less variance in test and train loss.",
        (
            "Within runs Welch's t test on the log deviation of the loss's change, epochs 5 to 14, between runs a z test on the log "
            "deviation of the last loss, and TOST within log 1.25"
        ),
        less_variance,
    ),
    (
        "Layer norm takes more epochs to reach the desired accuracy.",
        "Welch's t test and TOST within one epoch on the first epoch at 99.0 % and at 99.3 %",
        more_epochs,
    ),
    (
        "L1 and L2 lower the test accuracy but also narrow the gap between test and train accuracy.",
        "Welch's t test and TOST within 0.05 points on accuracy and gap, with and without the penalty",
        penalties,
    ),
)

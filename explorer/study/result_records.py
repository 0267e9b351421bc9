"""JSON records of the trained configurations and of the matrix of their pairs, for the page of results."""

import math
from collections.abc import Iterable

from explorer.runs.descriptions import NO_STUDY, describe, differences
from explorer.study import wording
from explorer.study.pair_matrix import PairMatrix
from explorer.study.published_table import Line


def lines(ranked: Iterable[Line]) -> list[dict]:
    """Lines of the published table and of all further configurations, for the page of results; accuracies in percent."""
    return list(map(_line, ranked))


def _line(line: Line) -> dict:
    trial, runs = line.trial, line.labelled
    interval = runs.interval
    return {
        "config": trial.config,
        "name": describe(trial),
        "norm": trial.norm,
        "regulariser": trial.regulariser,
        "l1": trial.l1,
        "l2": trial.l2,
        "batch": trial.batch_size,
        "rate": trial.lr,
        "other": [text for text in differences(trial) if not text.startswith("lr ")],
        "studies": line.studies or [NO_STUDY],
        "trials": [one.name for one in runs.trials],
        "seeds": len(runs.last),
        "state": wording.published_table.state(line),
        "mean": _rounded(runs.mean),
        "low": _rounded(interval.low),
        "high": _rounded(interval.high),
        "shown": line.is_on_axis,
        "row": line.row.number if line.row else None,
        "published": line.published,
        "run": line.run.trial.config if line.run.trials else None,
        "run_mean": _rounded(line.run.mean),
    }


def pair_matrix(matrix: PairMatrix) -> dict:
    """Pairs of a study, in the order of `itertools.combinations` of its configurations: the first letter of each outcome, and half
    widths of the intervals corrected for the family, in thousandths of a point."""
    return {
        "study": matrix.study,
        "label": wording.pair_matrix.label(matrix),
        "summary": wording.pair_matrix.summary(matrix),
        "configs": matrix.configs,
        "marks": wording.pair_matrix.marks(matrix),
        "outcomes": "".join(decision.outcome[0] for decision in matrix.decisions),
        "halves": [
            round(1000 * decision.interval.half_width) for decision in matrix.decisions
        ],
    }


def _rounded(value: float) -> float | None:
    """Value in percent to four digits; None for NaN."""
    return None if math.isnan(value) else round(value, 4)

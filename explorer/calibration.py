"""May they be as sure as they are?: confidence against accuracy over the grid, by norm, regulariser and batch size."""

import numpy as np
import pandas as pd
from scipy import stats

from explorer import statistics
from explorer.grid import Level, differences, levels
from explorer.results import FACTORS, Results
from explorer.statistics import Interval, StatisticsError
from train.checkpoint import Checkpoint
from train.evaluate import BINS

EDGES = tuple(place / BINS for place in range(BINS))  # the lower edge of each bin


def bins(level: Level, what: str) -> np.ndarray:
    """(runs, 15) of `train.evaluate.reliability`: "count", "confidence" (summed) or "correct"."""
    return np.array([found.summary["reliability"][what] for found in level.runs])


def error(found: Checkpoint) -> float:
    """The expected calibration error of a network, in points."""
    return 100 * found.summary["calibration_error"]


def ratio(above: np.ndarray, below: np.ndarray) -> tuple[float, Interval]:
    """The sum of `above` over that of `below`, one value of each a run, with its 95 % interval over runs.

    The ratio estimator and its linearised error (Cochran 1977, Sampling Techniques, chapter 6).
    """
    total, count = below.sum(), len(above)
    if not total:
        return float("nan"), Interval(float("nan"), float("nan"))
    value = above.sum() / total
    left = above - value * below
    error = np.sqrt(count / (count - 1) * (left**2).sum()) / total
    half = stats.t.ppf(1 - statistics.LEVEL / 2, count - 1) * error
    return float(value), Interval(value - half, value + half)


def diagram(level: Level) -> pd.DataFrame:
    """The reliability diagram of a level, a line per bin that has images; all in percent.

    `from`, `confidence` (the mean), `accuracy` with `low` and `high` over runs, and `images` a run.
    """
    counts, confidences, correct = (
        bins(level, what) for what in ("count", "confidence", "correct")
    )
    lines = []
    for place in np.flatnonzero(counts.sum(0)):
        accuracy, interval = ratio(correct[:, place], counts[:, place])
        lines.append(
            {
                "from": 100 * EDGES[place],
                "confidence": 100
                * confidences[:, place].sum()
                / counts[:, place].sum(),
                "accuracy": 100 * accuracy,
                "low": 100 * max(0.0, interval.low),
                "high": 100 * min(1.0, interval.high),
                "images": float(counts[:, place].mean()),
            }
        )
    return pd.DataFrame(lines)


def edge(threshold: float) -> float:
    """The edge of the bins nearest to a threshold. Raises `StatisticsError` for what is no share."""
    number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if not number or not 0 <= threshold <= 1:
        raise StatisticsError(
            f"The threshold must be a number from 0 to 1; got {threshold!r}."
        )
    return min(EDGES, key=lambda each: abs(each - threshold))


def selective(level: Level, threshold: float) -> dict:
    """What comes of answering only where the confidence is above an edge of the bins; shares in percent, with intervals.

    `coverage` is the share of images that are answered, `accuracy` that of the answers.
    """
    first = EDGES.index(threshold)
    counts = bins(level, "count")
    answered = counts[:, first:].sum(1)
    coverage, around = ratio(answered, counts.sum(1))
    accuracy, interval = ratio(bins(level, "correct")[:, first:].sum(1), answered)
    return {
        "threshold": 100 * EDGES[first],
        "coverage": 100 * coverage,
        "coverage_low": 100 * around.low,
        "coverage_high": 100 * around.high,
        "accuracy": 100 * accuracy,
        "accuracy_low": 100 * interval.low,
        "accuracy_high": 100 * min(1.0, interval.high),
    }


def records(results: Results, threshold: float) -> dict:
    """Everything for JSON: per factor and level the error, the diagram, and what comes of a threshold.

    `below` names the levels whose calibration error is really larger: Welch's test, Holm over the pairs of the factor. Raises
    `StatisticsError` where seeds are missing.
    """
    return {factor: _factor(levels(results, factor), threshold) for factor in FACTORS}


def _factor(found: list[Level], threshold: float) -> list[dict]:
    gaps = differences(found, error, None)
    outcomes = dict(zip(gaps, statistics.outcomes(list(gaps.values()))))
    real = {pair for pair in gaps if outcomes[pair] == statistics.DIFFERENT}

    def below(name: str) -> list[str]:
        ahead = [b for a, b in real if a == name and gaps[a, b].estimate < 0]
        return ahead + [a for a, b in real if b == name and gaps[a, b].estimate > 0]

    return [
        {
            "level": level.name,
            "runs": len(level.runs),
            "calibration_error": (mean := level.mean(error)).estimate,
            "low": mean.interval.low,
            "high": mean.interval.high,
            "below": sorted(below(level.name)),
            "diagram": diagram(level).to_dict("records"),
            "selective": selective(level, threshold),
        }
        for level in found
    ]


def words(found: list[dict]) -> str:
    """What `records` says of one factor, in a sentence or two."""
    pairs = len(found) * (len(found) - 1) // 2
    real = [
        f"{level['level']} ({_plus_minus(level)}) is off by less than {' and '.join(level['below'])}"
        for level in found
        if level["below"]
    ]
    count = sum(len(level["below"]) for level in found)
    said = "; ".join(real) if real else "no two of them are shown to differ"
    sides = {
        "more often right than they are sure": [],
        "surer than they are often right": [],
    }
    for level in found:
        gap = np.average(
            [line["accuracy"] - line["confidence"] for line in level["diagram"]],
            weights=[line["images"] for line in level["diagram"]],
        )
        sides[list(sides)[int(gap < 0)]].append(level["level"])
    sure = ", ".join(
        f"{'all' if len(names) == len(found) else ' and '.join(names)} are {side}"
        for side, names in sides.items()
        if names
    )
    return (
        f"So far, in how far confidence is off, {count} of {pairs} pairs differ: {said}. On average over the test images "
        f"{sure}."
    )


def diagrams(found: list[dict]) -> pd.DataFrame:
    """The diagrams of one factor of `records` as numbers: a row per level and bin."""
    return pd.DataFrame(
        {"level": level["level"], "runs": level["runs"], **line}
        for level in found
        for line in level["diagram"]
    )


def _plus_minus(level: dict) -> str:
    half = (level["high"] - level["low"]) / 2
    return f"{level['calibration_error']:.2f} ± {half:.2f}"


def table(found: list[dict]) -> pd.DataFrame:
    """One factor of `records` for reading, a line per level."""
    return pd.DataFrame(
        {
            "level": level["level"],
            "runs": level["runs"],
            "error, points": _plus_minus(level),
            "answers, %": f"{level['selective']['coverage']:.2f} "
            f"({level['selective']['coverage_low']:.2f} to {level['selective']['coverage_high']:.2f})",
            "right, %": f"{level['selective']['accuracy']:.3f} "
            f"({level['selective']['accuracy_low']:.3f} to {level['selective']['accuracy_high']:.3f})",
        }
        for level in found
    )

"""`python -m explorer.robustness`: how well the grid's networks read digits made harder, measured once and kept in
data/robustness.csv; and what may be said of it.
"""

import os
from pathlib import Path

import pandas as pd
import torch

from explorer import kept, results, statistics
from explorer.corruptions import CORRUPTIONS, Corruption
from explorer.grid import Level, differences, levels
from explorer.results import FACTORS, Results, test_split
from explorer.statistics import StatisticsError
from train import engines
from train.checkpoint import Checkpoint
from train.data import ROOT, Split
from train.study import GRID

FILE = ROOT / "robustness.csv"
EVERY = 2  # test images
MARGIN = 0.5  # points: smaller differences in the mean over the strengths do not matter
SHORT = (
    "The robustness of these networks is not measured yet: `python train/all.py --study grid --seeds 3`, then "
    "`python -m explorer.robustness`."
)


def column(corruption: Corruption, strength: float) -> str:
    return f"{corruption.name} {strength:g}"


def networks(found: Results) -> list[Checkpoint]:
    """Those of the grid."""
    configs = {trial.config for trial in GRID}
    return [each for each in found.finished if each.trial.config in configs]


def read(found: Results, file: Path = FILE) -> pd.DataFrame:
    """A row per measured network, by name: the accuracy in percent for each `column`."""
    return kept.read(file, networks(found))


def sampled(split: Split) -> Split:
    """Every `EVERY`th image: enough, as networks are compared on the same images and vary more between seeds."""
    return Split(split.images[::EVERY], split.labels[::EVERY])


def corrupted(split: Split) -> dict[str, Split]:
    """The split made harder in every way, by `column`."""
    return {
        column(each, strength): Split(each.apply(split.images, strength), split.labels)
        for each in CORRUPTIONS
        for strength in each.strengths
    }


def main(found: Results, file: Path = FILE):
    """Measures the networks of the grid that are not in `file`, and adds them."""
    torch.set_num_threads(1)
    device, notes = engines.prepare("auto")
    print(*notes, sep="\n")
    splits = corrupted(sampled(test_split()))

    def values(each: Checkpoint) -> dict[str, float]:
        answer = engines.reader(each, device)
        return {name: 100 * answer(split).acc for name, split in splits.items()}

    kept.measure(
        file, networks(found), values, 1 if device == "cuda" else os.cpu_count() or 1
    )


def choose(name: str) -> Corruption:
    """The corruption of that name. Raises `StatisticsError`."""
    for each in CORRUPTIONS:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in CORRUPTIONS)
    raise StatisticsError(f"There is no corruption {name!r}; choose one of {known}.")


def curves(found: Results, rows: pd.DataFrame, name: str) -> dict[str, list[dict]]:
    """Per factor a line per level: its accuracy in percent over the strengths of a corruption, with 95 % intervals over seeds.

    `rows` is `read`. The strength that changes nothing stands among them, from the checkpoints. Raises `StatisticsError`
    where seeds or measurements are missing.
    """
    corruption = choose(name)

    def accuracy(each: Checkpoint, strength: float) -> float:
        if strength == corruption.neutral:
            return 100 * found.correct[found.place[each.trial.name], ::EVERY].mean()
        return rows.at[each.trial.name, column(corruption, strength)]

    def point(level: Level, strength: float) -> dict:
        mean = level.mean(lambda each: accuracy(each, strength))
        return {
            "strength": strength,
            "accuracy": mean.estimate,
            "low": mean.interval.low,
            "high": mean.interval.high,
        }

    strengths = sorted({corruption.neutral, *corruption.strengths})
    return {
        factor: [
            {
                "level": level.name,
                "runs": len(level.runs),
                "curve": [point(level, strength) for strength in strengths],
            }
            for level in _measured(found, rows, factor)
        ]
        for factor in FACTORS
    }


def compared(found: Results, rows: pd.DataFrame, factor: str) -> list[dict]:
    """Every pair of levels of a factor under every corruption, one family: which differences survive the protocol's test.

    What is compared is the mean accuracy over the five strengths. Raises as `curves`.
    """
    some = _measured(found, rows, factor)

    def pairs(corruption: Corruption) -> dict:
        names = [column(corruption, strength) for strength in corruption.strengths]
        means = rows[names].mean(axis=1)
        return differences(some, lambda each: means[each.trial.name], MARGIN)

    family = {
        (corruption.name, *pair): gap
        for corruption in CORRUPTIONS
        for pair, gap in pairs(corruption).items()
    }
    gaps = list(family.values())
    adjusted = statistics.holm([gap.p for gap in gaps])
    return [
        {
            "corruption": name,
            "a": a,
            "b": b,
            "difference": gap.estimate,
            "low": gap.interval.low,
            "high": gap.interval.high,
            "p_adjusted": p,
            "outcome": outcome,
            "runs": gap.seeds,
        }
        for ((name, a, b), gap), p, outcome in zip(
            family.items(), adjusted, statistics.outcomes(gaps)
        )
    ]


def _measured(found: Results, rows: pd.DataFrame, factor: str) -> list[Level]:
    some = levels(found, factor)
    if {each.trial.name for level in some for each in level.runs} - set(rows.index):
        raise StatisticsError(SHORT)
    return some


def words(found: list[dict]) -> str:
    """What `compared` found, in a sentence or two: how many differences are real, and the largest of them."""
    real = [each for each in found if each["outcome"] == statistics.DIFFERENT]
    equal = sum(each["outcome"] == statistics.EQUIVALENT for each in found)
    said = (
        f"So far, of {len(found)} differences in the mean over the strengths: {len(real)} real, {equal} within {MARGIN} points, "
        f"{len(found) - len(real) - equal} too close to call."
    )
    if not real:
        return said
    most = max(real, key=lambda each: abs(each["difference"]))
    ahead, behind = ("a", "b") if most["difference"] > 0 else ("b", "a")
    return (
        f"{said} The largest: under {most['corruption']} {most[ahead]} networks read {abs(most['difference']):.1f} ± "
        f"{(most['high'] - most['low']) / 2:.1f} points more than {most[behind]}."
    )


def table(found: list[dict]) -> pd.DataFrame:
    """`compared` for reading, a line per pair."""
    return pd.DataFrame(
        {
            "corruption": each["corruption"],
            "a": each["a"],
            "b": each["b"],
            "a - b, points": f"{each['difference']:+.2f} ± {(each['high'] - each['low']) / 2:.2f}",
            "p (Holm)": statistics.p_words(each["p_adjusted"]),
            "outcome": each["outcome"],
            "runs": f"{each['runs'][0]} and {each['runs'][1]}",
        }
        for each in found
    )


def shown(found: list[dict], corruption: str) -> pd.DataFrame:
    """The pairs of `compared` under one corruption, for reading beside a plot."""
    rows = table([each for each in found if each["corruption"] == corruption])
    rows.insert(0, "pair", rows.a + " - " + rows.b)
    return rows[["pair", "a - b, points", "p (Holm)", "outcome"]].rename(
        columns={"a - b, points": "points"}
    )


def points(lines: list[dict]) -> pd.DataFrame:
    """The lines of one factor of `curves` as numbers: a row per level and strength."""
    return pd.DataFrame(
        {"level": line["level"], "runs": line["runs"], **point}
        for line in lines
        for point in line["curve"]
    )


if __name__ == "__main__":
    main(results.load())

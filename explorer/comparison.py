"""Is A better than B? The numbers of two configurations, and the verdict in words."""

import re
from dataclasses import asdict
from itertools import combinations

import numpy as np
import pandas as pd

from explorer import statistics
from explorer.penalties import DESTROYED_BELOW
from explorer.results import Results, describe
from explorer.statistics import DIFFERENT, EQUIVALENT, Difference, StatisticsError
from train.study import ROWS, Row, Trial


def compare(results: Results, a: str, b: str) -> dict:
    """Two configurations by the protocol; accuracies in percent, differences (a - b) in points.

    Raises `StatisticsError` with one sentence for a name that is not there, the same one twice, or a single seed.
    """
    if not (isinstance(a, str) and isinstance(b, str) and a.strip() and b.strip()):
        raise StatisticsError(
            "Name two trials without their seeds; /trials lists them under config."
        )
    a, b = a.strip(), b.strip()
    for name in (a, b):
        if name not in results.configs:
            raise StatisticsError(_unknown(results, name))
    if a == b:
        raise StatisticsError(f"Choose two different trials: {a} was given twice.")
    for name in (a, b):
        if len(results.configs[name]) < 2:
            raise StatisticsError(
                f"{name} has one seed only, and one run says nothing about the spread between runs: "
                f"train more with `python train/all.py --study all --only {name} --seeds 10`."
            )
    correct = [results.correct[results.configs[name]] for name in (a, b)]
    accuracies = [100 * arm.mean(1) for arm in correct]
    gap = statistics.difference(*accuracies)
    (outcome,) = statistics.outcomes([gap])
    more = None
    if outcome not in (DIFFERENT, EQUIVALENT):
        more = more_seeds(accuracies, gap)
    new_images = statistics.crossed_interval(*correct)
    share, interval = statistics.superiority(*accuracies)
    return {
        "a": summary(a, correct[0]),
        "b": summary(b, correct[1]),
        "outcome": outcome,
        "verdict": words(
            [describe(trial_of(results, name)) for name in (a, b)],
            accuracies,
            gap,
            outcome,
            more,
            new_images,
        )
        + _collapsed(results, [a, b], accuracies),
        "difference": {
            "points": gap.estimate,
            **asdict(gap.interval),
            "new_images": asdict(new_images),
            "p": gap.p,
            "p_equivalent": gap.p_equivalent,
            "margin": gap.margin,
        },
        "a_beats_b": {"probability": share, **asdict(interval)},
        "one_run": _one_run(results, a, b),
        "more_seeds": more,
    }


def _collapsed(results: Results, names: list[str], accuracies: list) -> str:
    """A sentence for each configuration with runs that a penalty destroyed."""
    said = ""
    for name, values in zip(names, accuracies):
        if lost := int((values < DESTROYED_BELOW).sum()):
            which = "All" if lost == len(values) else f"{lost} of"
            said += (
                f" {which} {len(values)} runs of {describe(trial_of(results, name))} "
                f"collapsed below {DESTROYED_BELOW:.0f} %."
            )
    return said


def summary(name: str, correct: np.ndarray) -> dict:
    """A configuration's mean accuracy in percent with its intervals, from `correct` (seeds, images)."""
    accuracies = 100 * correct.mean(1)
    return {
        "trial": name,
        "seeds": len(accuracies),
        "accuracies": accuracies.tolist(),
        "mean": float(accuracies.mean()),
        **asdict(statistics.mean_interval(accuracies)),
        "new_images": asdict(statistics.crossed_interval(correct)),
        "deviation": float(np.std(accuracies, ddof=1)),
        "independent_deviation": statistics.independent_deviation(correct),
    }


def more_seeds(
    accuracies: list[np.ndarray], gap: Difference, comparisons: int = 1
) -> int | None:
    """How many more seeds of each would decide; None where a thousand would not."""
    deviations = tuple(float(np.std(each, ddof=1)) for each in accuracies)
    needed = statistics.seeds_to_decide(gap.estimate, deviations, comparisons)
    return needed and max(1, needed - min(map(len, accuracies)))


def words(
    names: list[str],
    accuracies: list[np.ndarray],
    gap: Difference,
    outcome: str,
    more: int | None,
    new_images: statistics.Interval,
) -> str:
    """The verdict: the outcome, the two means, the difference and how many seeds stand behind it."""
    if outcome == DIFFERENT and gap.estimate < 0:  # the better one first
        names, accuracies = names[::-1], accuracies[::-1]
    first, second = map(len, accuracies)
    shown = [round(each.mean(), 2) for each in accuracies]
    # Where rounded means do not differ by the rounded difference, a digit more.
    apart = abs(shown[0] - shown[1]) - round(abs(gap.estimate), 2)
    digits = 2 if abs(apart) < 0.005 else 3
    means = [f"{each.mean():.{digits}f}" for each in accuracies]
    seeds = f"{first} seeds each" if first == second else f"{first} and {second} seeds"
    numbers = (
        f"{means[0]} against {means[1]}, difference "
        f"{abs(gap.estimate):.{digits}f} ± {gap.interval.half:.{digits}f}, {seeds}."
    )
    if outcome == EQUIVALENT:
        return f"Equivalent within {statistics.MARGIN} points: {numbers}"
    if outcome == DIFFERENT:
        said = f"Different, {names[0]} reads better than {names[1]}: {numbers}"
        if new_images.low < 0 < new_images.high:
            said += f" On new images it might not: ± {new_images.half:.2f} there."
        return said
    plan = (
        f"{more} more {'seed' if more == 1 else 'seeds'} each would decide with 80 % power."
        if more
        else f"Not even {statistics.MOST_SEEDS} seeds each would decide with 80 % power."
    )
    return f"Too close to call: {numbers} {plan}"


GAPS = (0.02, 0.05, 0.10, 0.20)  # points that the planner speaks of


def noise_floor(results: Results) -> dict | None:
    """The deviation between seeds, pooled over configurations of which no run collapsed; None without two seeds.

    `deviation` and `independent` (what independent errors predict) in points; how many `configurations` and `runs`.
    """
    arms = [
        results.correct[places]
        for places in results.configs.values()
        if len(places) > 1
        and 100 * results.correct[places].mean(1).min() >= DESTROYED_BELOW
    ]
    if not arms:
        return None
    free = [len(arm) - 1 for arm in arms]
    seen = [(100 * arm.mean(1)).var(ddof=1) for arm in arms]
    predicted = [statistics.independent_deviation(arm) ** 2 for arm in arms]
    return {
        "deviation": float(np.sqrt(np.average(seen, weights=free))),
        "independent": float(np.sqrt(np.average(predicted, weights=free))),
        "configurations": len(arms),
        "runs": sum(map(len, arms)),
    }


def published_pairs(results: Results) -> dict[tuple[Row, Row], tuple[Difference, str]]:
    """Every pair of published rows as labelled with two seeds or more, one family; without those a penalty destroyed."""
    rows = {}
    for row in ROWS:
        places = results.configs.get(row.trial.config, [])
        values = 100 * results.correct[places].mean(1)
        if len(places) > 1 and values.mean() >= DESTROYED_BELOW:
            rows[row] = values
    pairs = list(combinations(rows, 2))
    gaps = [statistics.difference(rows[a], rows[b]) for a, b in pairs]
    return dict(zip(pairs, zip(gaps, statistics.outcomes(gaps))))


def leader(results: Results) -> str:
    """Which published row as labelled has the best mean, and how many of the others are really behind it, in a sentence."""
    pairs = published_pairs(results)
    if not pairs:
        return "Too few seeds are trained to name a best row."
    means = {
        row: 100 * results.correct[results.configs[row.trial.config]].mean()
        for pair in pairs
        for row in pair
    }
    best = max(means, key=means.get)
    found = [outcome for pair, (_, outcome) in pairs.items() if best in pair]
    return (
        f"So far row {best.number} ({describe(best.trial)}) has the best mean as labelled, {means[best]:.2f} % over "
        f"{len(results.configs[best.trial.config])} seeds. Of {len(found)} others {found.count(DIFFERENT)} are shown to be "
        f"behind it, {found.count(EQUIVALENT)} to be equivalent; {found.count(statistics.UNDECIDED)} are too close to call "
        f"(all {len(pairs)} pairs corrected for)."
    )


def plan(results: Results, gap: float | None) -> str:
    """The noise floor and the planner in sentences: how many seeds show a difference of `gap` points."""
    floor = noise_floor(results)
    if not floor:
        return "That needs two seeds of a configuration at least."
    said = (
        f"Two runs of one recipe differ by chance: the deviation between seeds is {floor['deviation']:.3f} points "
        f"({floor['configurations']} configurations, {floor['runs']} runs)."
    )
    if not gap or gap < 0:
        return f"{said} Name a difference above 0."
    return (
        f"To see {gap:g} points with 80 % power takes {needed(gap, floor['deviation'])} seeds of each of the two; to show "
        f"two equal ones equivalent within {statistics.MARGIN} points takes {needed(0, floor['deviation'])}. {said}"
    )


def needed(gap: float, deviation: float, comparisons: int = 1) -> str:
    """How many seeds show a difference of `gap` points with 80 % power, or for a gap of 0 equivalence; for reading."""
    if gap:
        level = statistics.LEVEL / comparisons
        seeds = statistics.seeds_to_see(gap, deviation, level)
    else:
        seeds = statistics.seeds_to_decide(0, (deviation, deviation), comparisons)
    return str(seeds or f"over {statistics.MOST_SEEDS}")


def runs(results: Results, a: str, b: str) -> list[tuple[str, str, np.ndarray]]:
    """For a picture of two configurations: their words, norm and accuracies in percent, one per seed."""
    return [
        (
            describe(trial_of(results, name)),
            trial_of(results, name).norm,
            100 * results.correct[results.configs[name]].mean(1),
        )
        for name in (a, b)
    ]


def opening(results: Results) -> tuple[str | None, str | None]:
    """The pair to begin with: published rows 1 and 11 where they are trained, else the first two that can be compared."""
    names = [trial.config for trial in results.comparable]
    wanted = [ROWS[number - 1].trial.config for number in (1, 11)]
    if not set(wanted) <= set(names):
        wanted = names[:2]
    return tuple(wanted) if len(wanted) == 2 else (None, None)


def table(found: dict) -> pd.DataFrame:
    """What `compare` found, for reading: a line per number, in words."""
    gap, beats, one = (found[key] for key in ("difference", "a_beats_b", "one_run"))
    lines = [
        (
            f"{side.upper()}: mean of {found[side]['seeds']} seeds, %",
            f"{found[side]['mean']:.3f}, 95 % interval {_span(found[side])}; new images {_span(found[side]['new_images'])}",
        )
        for side in ("a", "b")
    ]
    lines += [
        (
            f"{side.upper()}: every seed, %",
            ", ".join(f"{value:.2f}" for value in found[side]["accuracies"]),
        )
        for side in ("a", "b")
    ]
    lines += [
        (
            f"{side.upper()}: deviation between seeds, points",
            f"{found[side]['deviation']:.3f}; independent errors would give {found[side]['independent_deviation']:.3f}",
        )
        for side in ("a", "b")
    ]
    lines += [
        ("A - B on these images, points", f"{gap['points']:+.3f}, {_span(gap)}"),
        ("A - B on new images, points", _span(gap["new_images"])),
        ("p that they do not differ (Welch)", statistics.p_words(gap["p"])),
        (
            f"p that they differ by {gap['margin']} points or more (TOST)",
            statistics.p_words(gap["p_equivalent"]),
        ),
        (
            "probability that a run of A beats one of B",
            f"{beats['probability']:.0%}, {beats['low']:.0%} to {beats['high']:.0%}",
        ),
        (
            f"one run each (seeds {one['seeds'][0]} and {one['seeds'][1]})",
            f"only A reads {one['only_a']} images, only B {one['only_b']}: p = {one['p']:.2f} (McNemar)",
        ),
    ]
    return pd.DataFrame(lines, columns=["what", "value"])


def _span(interval: dict) -> str:
    return f"{interval['low']:.3f} to {interval['high']:.3f}"


def trial_of(results: Results, config: str) -> Trial:
    return results.finished[results.configs[config][0]].trial


def _one_run(results: Results, a: str, b: str) -> dict:
    """What the published kind of comparison would have seen: one run each, of the lowest seed."""
    places = [results.configs[name][0] for name in (a, b)]
    one, other = results.correct[places]
    return {
        "seeds": [results.finished[place].trial.seed for place in places],
        "only_a": int((one & ~other).sum()),
        "only_b": int((other & ~one).sum()),
        "p": statistics.pairs_p(one, other),
    }


def _unknown(results: Results, name: str) -> str:
    bare = re.sub(r"_seed=\d+$", "", name)
    if bare != name and bare in results.configs:
        return f"{name} names one seed: leave it out, {bare} is all of them."
    if results.find(name):
        config = results.find(name).trial.config
        return f"{config} diverged, so there is nothing to compare."
    shown = name if len(name) <= 80 else f"{name[:80]}..."
    return (
        f"There is no trained trial named {shown!r}; /trials lists them under config."
    )

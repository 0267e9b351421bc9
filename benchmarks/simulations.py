"""Simulations of the error control of docs/protocol.md. Run as `python -m benchmarks.simulations`; it writes docs/simulations.md.

The seeds are fixed: the same code writes the same numbers.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import coverage, false_words, repeated, sizes
from benchmarks.chain import DEVIATION
from benchmarks.false_words import Grids, Truth

PATH = Path(__file__).resolve().parent.parent / "docs" / "simulations.md"
SIZES = ("protocol", "without Welch's fallback", "Welch")
WORDS = ("*different*", "*equivalent*", "either")

INTRODUCTION = """# Simulations

How often the tests and intervals of [the protocol](protocol.md) err, on simulated runs whose truth is known. `python -m benchmarks.simulations`
writes this file again, with the same numbers. ± is the simulation's own standard error."""

EQUAL = f"""## Size of a test of a difference

The probability that two equal configurations are called different, as a multiple of the level: 1 is exact, and the protocol promises 0.9 to 1.1
for 5 against 10 and for 10 against 10 runs. All variances are equal; {sizes.STUDIES:,} studies a row, with normal runs and pairs of neighbours.
*Protocol* is all of it: Bartlett's test at 0.01 decides between the pooled variance and Smyth's prior, and Welch's test decides where a variance is
unusual. Welch's own sizes, several times the level for 3 against 10 runs and below it for 5 against 5, are the reason for pooling."""

ACROSS = """### Pairs of two studies

Either side has the variance of its own study. The degrees of freedom are Satterthwaite's over the studies, none of which has more than its own runs."""

UNEQUAL = f"""### Where variances differ

Pairs in `published`, 13 configurations of 10 runs, {sizes.STUDIES // 5:,} studies a row. The promise does not hold here: whether a variance is unusual
is itself seen with errors, and a pair that escapes is judged by a variance that is not its own."""

COVERAGE = f"""## Coverage of 95 % intervals

Accuracies are normal with a deviation of {DEVIATION} points between runs, rounded to 0.01; 10 runs of a configuration where no other number is named.
For new images the answers of 24 configurations to 10,000 images are drawn, of which 3 % are hard; every configuration has image effects of its own."""

FALSE = f"""## False words in the primary family

Probability of any false word among the 15 contrasts of the grid with 10 runs of a configuration: *different* where the truth is 0 or has the other
sign, *equivalent* where it is 0.05 points or more. Effects of levels add up. Holm corrects either kind of test for 15, so 5 % is promised for either
kind, not for both together. Of {len(false_words.mixtures())} mixtures of contrasts that are 0, exactly 0.05, and far from 0, those with most false words
are shown, simulated anew; the larger deviations between runs stand for noisier studies."""

POWER = f"""## Differences that 10 against 10 runs show

True difference that the test shows with 80 % power where the variance between runs is {sizes.VARIANCE} points² (`power.detectable`), and its
simulated power, of which Welch's fallback takes a part."""

LOOKS = f"""## Looking again and again

A visitor repeats a configuration of a study, whose deviation is a multiple of the others' in the second column, and looks at 2 to {repeated.MOST}
runs. Shares of {repeated.STUDIES:,} studies in which *different* is said at any look by the protocol's e-value, and by an ordinary t test with the
same variance; in which the interval holds at all looks; and in which there is no verdict at the last look, because the own runs vary too much.
At most 5 % are promised; a configuration that varies more than its study, and whose 10 runs do not show it, breaks the promise."""


def main():
    PATH.write_text("\n\n".join(sections()) + "\n")


def sections() -> Iterator[str]:
    yield INTRODUCTION
    yield EQUAL
    header = ("study", "runs", "level")
    yield table((*header, *SIZES), sizes.equal_variances(1))
    yield ACROSS
    rows = sizes.two_studies(2)
    yield table((*header, *SIZES), rows)
    yield UNEQUAL
    yield table(("pair", "level", *SIZES), sizes.unequal_variances(3))
    yield COVERAGE
    yield table(("interval", "coverage", ""), list(coverage_rows()))
    yield FALSE
    truths = ("deviation", "norm", "penalty", "batch size")
    yield table((*truths, *WORDS), list(false_rows()))
    yield POWER
    header = ("study", "level", "difference, points", "simulated power")
    yield table(header, sizes.detectable(7))
    yield LOOKS
    header = ("study", "deviation", "e-value", "t test", "interval", "no verdict")
    yield table(header, repeated.rows(10))


def coverage_rows() -> Iterator[list[str]]:
    intervals = (
        *coverage.of_means(4),
        *coverage.of_runs(5),
        *coverage.of_new_images(6),
    )
    for one in intervals:
        cell = f"{one.share:.1%} ± {one.error:.1%}"
        yield [one.name, cell, one.reason]


def false_rows() -> Iterator[list[str]]:
    """Rows without effects, on the margin, and of the worst mixtures, for the deviation of the runs and for larger ones."""
    for seed, ratio in enumerate((1.0, 1.5, 2.0)):
        deviation = ratio * DEVIATION
        searched = Grids.drawn(np.random.default_rng([8, seed]), 5000, deviation)
        grids = Grids.drawn(np.random.default_rng([9, seed]), 200_000, deviation)
        truths = (false_words.NO_EFFECT, false_words.ON_MARGIN)
        for truth in (*truths, *false_words.worst(searched, 3)):
            words = grids.false_words(false_words.true_contrasts(truth))
            shares = (f"{words.different:.2%}", f"{words.equivalent:.2%}")
            either = f"{words.either:.2%} ± {words.error:.2%}"
            yield [f"{deviation:.3f}", *effects(truth), *shares, either]


def effects(truth: Truth) -> list[str]:
    return [", ".join(f"{effect:.3g}" for effect in factor) for factor in truth]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()

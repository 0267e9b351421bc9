"""Verdicts of libraries on simulated columns of results, beside ours. Run as `python -m benchmarks.peers`; it writes docs/peers.md.

It needs an environment with benchmarks/requirements.txt. The seeds are fixed: the same versions write the same numbers.
"""

import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.column_pairs import (
    CASES,
    GAPS,
    KINDS,
    PAIRS,
    RATIO,
    RUNS,
    Case,
    drawn,
    values,
)
from benchmarks.peer_rules import OURS, RULES, WELCH, Rule
from benchmarks.simulations import table
from explorer.study.statistics import LEVEL
from explorer.study.welch_size import nominal

PATH = Path(__file__).resolve().parent.parent / "docs" / "peers.md"
CACHE = PATH.parent.parent / "build" / "peers"  # delete it to compute everything anew
CHECKED = 1  # gap of the cases in which the libraries themselves are called
CHANCE = 2  # standard errors of a simulated share that are left to chance
MANY = 1_000_000  # pairs of a cell in the table of Welch's test
BATCH = 100_000
RATIOS = (1, 2, 3, 5, 10)
SIZES = (*((runs, runs) for runs in RUNS), (3, 10), (10, 3))
Verdicts = Mapping[tuple[Rule, Case], np.ndarray]  # 1, -1 or 0 (P,)

INTRODUCTION = f"""# Side by side with its peers

How often libraries that compare two columns of results call one of them better, where neither is and where one is, beside Welch's test alone and
beside ours. Every cell has {PAIRS:,} simulated pairs of columns of 3, 5 and 10 runs. Values are *normal*; *skewed*, which is exponential with its tail
below, as accuracies have it, in both columns; or normal with *unequal* deviations, one {RATIO} times the other, by turns in the better column and in the
other. A gap is counted in deviations, of unequal ones in the root of their mean square. Columns are independent, so a rule that pairs their
runs pairs them by chance. `python -m benchmarks.peers` writes this file again, with the same numbers; it needs an environment with
`benchmarks/requirements.txt`."""

RULES_TEXT = """## Rules

None of these libraries but autorank gives a verdict, so the threshold is the one that its documentation names or, of an interval or a posterior
probability, the usual 95 %. The bootstraps are computed for many pairs at once, because one call of `aso` takes seconds; on the first
pairs of each kind and number of runs the library itself is called with the same seed, and the script stops where its evidence differs."""

NEITHER = f"""## Neither is better

Share of pairs in which either column is called better; the standard error of 5 % is {100 * math.sqrt(LEVEL * (1 - LEVEL) / PAIRS):.1f} points. **Bold**:
above 5 % by more than {CHANCE} standard errors. deep-significance and baycomp answer for one direction: to whom only one of the two columns can be better,
half of these shares count, and 5 % in one direction are 10 % here."""

GAP = """## The first is better by {gap} deviation{s}

Share of pairs in which the first column is called better. In brackets where the same rule, for the same kind of values and number of runs, exceeds
5 % above, so that its share is bought with false verdicts."""

BEYOND = f"""### Further cases

Shares of {MANY:,} pairs in which Welch's test alone / ours calls either of two columns with equal means better; the standard error is 0.02
points. The first column has the larger deviation. Values are normal, or skewed in both columns."""


def main():
    PATH.write_text("\n\n".join(sections(judged())) + "\n")


def judged() -> Verdicts:
    verdicts = {}
    for case, rule in product(CASES, RULES):
        if case.runs < rule.least:
            verdicts[rule, case] = np.zeros(PAIRS, int)
        else:
            verdicts[rule, case] = rule.verdicts(evidence(rule, case))
    return verdicts


def evidence(rule: Rule, case: Case) -> np.ndarray:
    """Evidence (P, 2) of a rule, from the cache of an earlier run with the same version of its library."""
    name = f"{rule.many.__name__}-{package(rule)}-{case.kind}-{case.runs}-{case.gap}"
    path = CACHE / f"{name.replace(' ', '-')}.npy"
    if not path.exists():
        start = time.perf_counter()
        columns = drawn(case)
        computed = rule.many(*columns)
        if case.gap == CHECKED:
            rule.check(*columns, computed)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, computed)
        print(f"{path.name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    return np.load(path)


def sections(verdicts: Verdicts) -> Iterator[str]:
    yield INTRODUCTION
    yield RULES_TEXT
    header = ("rule", "library", "call", "better")
    yield table(
        header, [[rule.name, package(rule), rule.call, rule.better] for rule in RULES]
    )
    yield NEITHER
    yield shares(verdicts, 0)
    for gap in GAPS[1:]:
        yield GAP.format(gap=gap, s="s" * (gap > 1))
        yield shares(verdicts, gap)
    beyond = list(further())
    yield "## Ours\n\n" + "\n".join(f"- {one}" for one in findings(verdicts, beyond))
    yield BEYOND
    header = ("values", *(f"{a} and {b} runs" for a, b in SIZES))
    yield table(header, [row.cells for row in beyond])


def package(rule: Rule) -> str:
    return f"{rule.package} {version(rule.package)}" if rule.package else ""


def shares(verdicts: Verdicts, gap: int) -> str:
    header = ("rule", *(f"{kind}, {runs}" for kind in KINDS for runs in RUNS))
    rows = [
        [
            rule.name,
            *(
                cell(verdicts, rule, Case(kind, runs, gap))
                for kind in KINDS
                for runs in RUNS
            ),
        ]
        for rule in RULES
    ]
    return table(header, rows)


def cell(verdicts: Verdicts, rule: Rule, case: Case) -> str:
    if case.runs < rule.least:
        return "no answer"
    text = f"{share(verdicts, rule, case):.1%}"
    if keeps(verdicts, rule, case):
        return text
    return f"({text})" if case.gap else f"**{text}**"


def share(verdicts: Verdicts, rule: Rule, case: Case) -> float:
    """Share of pairs with the true verdict, or of false ones where there is no gap."""
    called = verdicts[rule, case]
    return float((called == 1).mean() if case.gap else (called != 0).mean())


def keeps(verdicts: Verdicts, rule: Rule, case: Case) -> bool:
    """Whether a rule errs in at most 5 % of the pairs without a gap, but for chance."""
    false = share(verdicts, rule, Case(case.kind, case.runs, 0))
    return false <= LEVEL + CHANCE * math.sqrt(LEVEL * (1 - LEVEL) / PAIRS)


def findings(verdicts: Verdicts, beyond: Sequence["Row"]) -> Iterator[str]:
    """Sentences on our errors and power."""
    levels = ", ".join(
        f"{nominal(LEVEL, runs - 1, runs - 1):.2%} with {runs} runs" for runs in RUNS
    )
    yield (
        "It is Welch's test at the level at which it errs in at most 5 % of comparisons of normal values, whatever the two deviations are: "
        f"{levels} in either column."
    )
    without = [case for case in CASES if not case.gap]
    top = max(without, key=lambda case: share(verdicts, OURS, case))
    kept = sum(keeps(verdicts, OURS, case) for case in without)
    yield (
        f"It keeps 5 % in {kept} of {len(without)} cases, but for chance; its largest share of false verdicts is {share(verdicts, OURS, top):.1%}, "
        f"of {top.kind} values and {top.runs} runs."
    )
    for kind in KINDS[:2]:
        alone, own = np.max([row.shares for row in beyond if row.kind == kind], (0, 1))
        breaks = own > LEVEL + CHANCE * math.sqrt(LEVEL * (1 - LEVEL) / MANY)
        yield (
            f"Of {kind} columns, over all ratios of deviations and numbers of runs in the last table, it calls up to {own:.1%} different"
            f"{', so it does not keep 5 % there' if breaks else ''}; Welch's test alone up to {alone:.1%}."
        )
    for rule in RULES[1:]:
        yield against(verdicts, rule)
    worst = max(
        float((verdicts[OURS, case] == -1).mean()) for case in CASES if case.gap
    )
    yield f"Where the first column is better, it calls the second better in at most {worst:.1%} of the pairs."


def against(verdicts: Verdicts, rule: Rule) -> str:
    """Sentence on the power of a rule, where it keeps 5 %, minus ours."""
    answered = [case for case in CASES if case.gap and case.runs >= rule.least]
    fair = [case for case in answered if keeps(verdicts, rule, case)]
    kept = f"{len(fair) // 2} of {len(answered) // 2} kinds and numbers of runs"
    if not fair:
        return f"{rule.name} keeps 5 % in none."
    gains = {case: gain(verdicts, rule, case) for case in fair}
    ahead = [case for case, (more, error) in gains.items() if more > CHANCE * error]
    top = max(fair, key=lambda case: gains[case][0])
    by = (
        f"{100 * gains[top][0]:+.1f} points, {top.kind}, {top.runs} runs, gap {top.gap}"
    )
    if not ahead:
        return f"{rule.name} keeps 5 % in {kept}; there it is nowhere more powerful than ours, but for chance (at best {by})."
    return f"{rule.name} keeps 5 % in {kept}; there it is more powerful than ours in {len(ahead)} of {len(fair)} cases (at best {by})."


def gain(verdicts: Verdicts, rule: Rule, case: Case) -> tuple[float, float]:
    """Power minus ours on the same pairs, with its standard error."""
    more = (verdicts[rule, case] == 1).astype(int) - (verdicts[OURS, case] == 1)
    return float(more.mean()), float(more.std() / math.sqrt(len(more)))


@dataclass(frozen=True, eq=False)
class Row:
    """False verdicts of Welch's test and of ours where the deviations have a ratio."""

    kind: str
    ratio: int
    shares: np.ndarray  # (SIZES, 2)

    @property
    def cells(self) -> list[str]:
        shares = (" / ".join(f"{one:.2%}" for one in pair) for pair in self.shares)
        return [f"{self.kind}, deviations {self.ratio} : 1", *shares]


def further() -> Iterator[Row]:
    for kind, ratio in product(KINDS[:2], RATIOS):
        shares = [false_shares(kind, ratio, sizes) for sizes in SIZES]
        yield Row(kind, ratio, np.array(shares))


def false_shares(kind: str, ratio: int, sizes: tuple[int, int]) -> np.ndarray:
    """Shares (2,) of pairs without a gap that Welch's test and ours call different."""
    random = np.random.default_rng([KINDS.index(kind), ratio, *sizes])
    false = np.zeros(2)
    for _ in range(MANY // BATCH):
        a, b = (values(random, kind, (BATCH, runs)) for runs in sizes)
        evidence = [(rule, rule.many(ratio * a, b)) for rule in (WELCH, OURS)]
        false += [np.count_nonzero(rule.verdicts(one)) for rule, one in evidence]
    return false / MANY


if __name__ == "__main__":
    main()

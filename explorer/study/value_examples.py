"""Examples of columns of results, with the settings that suit them: what the page of a visitor's own numbers opens on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study import comparison, variance
from explorer.study.statistics import MARGIN
from explorer.study.value_records import PERCENT
from train.study import STUDIES

# Hours of sleep that two drugs gave ten patients, after Student (1908), "The probable error of a mean", as in R's `sleep`.
SLEEP = (
    (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
    (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
)
DRUGS = "drug 1", "drug 2"


@dataclass(frozen=True)
class Example:
    """Text of columns with a header, tabs between them; `settings` are those of a question of the page."""

    label: str
    text: str
    settings: dict = field(default_factory=dict)


def examples(results: Results) -> Iterator[Example]:
    """Examples out of the study, where it is trained, and one of pairs."""
    ours = {"unit": PERCENT, "margin": MARGIN}
    a, b = comparison.opening(results)
    if a and b:
        yield Example("Two rows of this study", _accuracies(results, [a, b]), ours)
    norms = _norms(results, a)
    if len(norms) > 2:
        yield Example("Its norms", _accuracies(results, norms), ours)
    text = _text(DRUGS, [[f"{hours:.1f}" for hours in column] for column in SLEEP])
    yield Example(
        "Sleep with two drugs, paired",
        text,
        {"unit": "hours", "margin": 0.5, "paired": True},
    )


def _norms(results: Results, config: str | None) -> list[str]:
    """Configurations that differ from one in nothing but the norm, with itself."""
    comparable = {trial.config: trial for trial in results.comparable}
    if config is None:
        return []
    trial = comparable[config]
    alike = [replace(trial, norm=norm).config for norm in STUDIES["grid"].norms]
    return [one for one in alike if one in comparable]


def _accuracies(results: Results, configs: Sequence[str]) -> str:
    named = {trial.config: describe(trial) for trial in results.comparable}
    samples = variance.accuracies(results)
    columns = [samples.sample(config).values for config in configs]
    return _text(
        [named[config] for config in configs],
        [[f"{value:.2f}" for value in column] for column in columns],
    )


def _text(names: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """Lines of columns, as many as the longest has."""
    most = max(map(len, columns))
    padded = [[*column, *[""] * (most - len(column))] for column in columns]
    return "\n".join("\t".join(line) for line in (names, *zip(*padded, strict=True)))

"""Draft of the report, to which its sections add paragraphs, tables and figures."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from explorer.runs import metrics
from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import markdown, variance
from explorer.study.statistics import Interval, StatisticsError
from explorer.study.variance import Samples
from train.study import ROWS, Row, Trial

T = TypeVar("T")

FIGURES = Path("docs") / "figures"
COMMAND = "python -m explorer.report"
TOO_FEW_SEEDS = "Too few seeds are trained yet."
NUMBER = re.compile(r"([+-]|± |< |over )?\d[\d,.]*( ± [\d.]+)?( \(.*\))?|-")


@dataclass
class Draft:
    """Lines and figures of the report so far, and the results that it describes."""

    results: Results
    everything: Results | None = (
        None  # the runs of all studies; None where `results` has them
    )
    replicated: Results | None = None  # runs on another data set
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Measures of the runs, one row each."""
        return metrics.table(self.results)

    def values(self, trial: Trial, measure: str = "acc") -> np.ndarray:
        """Values (seeds,) of a measure of a configuration."""
        return metrics.of(self.rows, [trial], measure)

    def interval(self, trial: Trial) -> Interval:
        """95 % interval of a configuration's mean accuracy."""
        return variance.accuracies(self.results).sample(trial.config).interval

    @property
    def samples(self) -> Samples:
        """Accuracies of the runs of all studies."""
        return variance.accuracies(self.everything or self.results)

    def means(
        self,
        trials: Iterable[Trial],
        panel: Callable[[Trial], str],
        x: Callable[[Trial], float],
    ) -> pd.DataFrame:
        """Means of configurations for `figures.by_norm`."""
        samples = {trial: self.samples.sample(trial.config) for trial in trials}
        return pd.DataFrame(
            {
                "panel": panel(trial),
                "norm": trial.norm,
                "x": x(trial),
                "mean": sample.mean,
                "half_width": sample.interval.half_width,
            }
            for trial, sample in samples.items()
        )

    def correct(self, trial: Trial) -> np.ndarray:
        """bool (seeds, 10000): whether a run of a configuration reads a test image correctly."""
        return self.results.correct_of(trial.config)

    def is_comparable(self, trial: Trial) -> bool:
        """The configuration has two seeds or more."""
        return len(self.values(trial)) > 1

    def is_collapsed(self, trial: Trial) -> bool:
        """The mean accuracy of the configuration is below `COLLAPSED_BELOW`."""
        values = self.values(trial)
        return bool(len(values) > 0 and values.mean() < COLLAPSED_BELOW)

    def non_collapsed(self) -> list[Row]:
        """Published rows with two seeds or more whose networks did not collapse."""
        rows = [row for row in ROWS if self.is_comparable(row.trial)]
        return [row for row in rows if not self.is_collapsed(row.trial)]

    def add_text(self, *paragraphs: str):
        """Adds paragraphs of Markdown."""
        for paragraph in paragraphs:
            self.lines += [paragraph, ""]

    def add_table(self, rows: pd.DataFrame):
        """Adds a Markdown table, with columns of numbers aligned right."""
        right_aligned = [
            column for column, cells in rows.items() if _are_numbers(cells)
        ]
        self.add_text(markdown.format_table(rows, right_aligned))

    def add_figure(self, name: str, figure: Figure, caption: str):
        """Adds a figure, and a link to its file `name`."""
        self.figures[name] = figure
        self.add_text(f"![{caption}]({(FIGURES / name).as_posix()})")


def _are_numbers(cells: pd.Series) -> bool:
    return all(NUMBER.fullmatch(str(cell).strip("*")) for cell in cells)


def span(counts: list[int]) -> str:
    """Range of counts: "10", or "3 to 10"."""
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def section(title: str) -> Callable[[Callable[[Draft], None]], Callable[[Draft], None]]:
    """Decorator of a section of the report: its title comes first, and a `StatisticsError` ends it with its sentence."""

    def titled(write: Callable[[Draft], None]) -> Callable[[Draft], None]:
        @wraps(write)
        def add(draft: Draft):
            draft.add_text(f"## {title}")
            try:
                write(draft)
            except StatisticsError as error:
                draft.add_text(str(error))

        return add

    return titled


def require(runs: T | None, reason: str = TOO_FEW_SEEDS) -> T:
    """Subject of a section, unchanged; where it is empty, the section ends with the reason. Raises `StatisticsError`."""
    if not runs:
        raise StatisticsError(reason)
    return runs

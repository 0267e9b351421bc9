"""What the sections of the report share: the runs they speak of, and the paragraphs, tables and figures so far."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from explorer.runs import metrics
from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import markdown
from train.study import ROWS, Row, Trial

PLACE = Path("docs") / "figures"
COMMAND = "python -m explorer.report"
SHORT = "Too few seeds are trained yet."
NUMBER = re.compile(r"([+-]|± |< |over )?\d[\d,.]*( ± [\d.]+)?( \(.*\))?|-")


@dataclass
class Draft:
    found: Results
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)

    @cached_property
    def rows(self) -> pd.DataFrame:
        return metrics.table(self.found)

    def values(self, trial: Trial, measure: str = "acc") -> np.ndarray:
        """A measure of all seeds of a configuration."""
        return metrics.of(self.rows, [trial], measure)

    def correct(self, trial: Trial) -> np.ndarray:
        """bool (seeds, 10000) of a configuration."""
        return self.found.correct[self.found.configs.get(trial.config, [])]

    def comparable(self, trial: Trial) -> bool:
        return len(self.values(trial)) > 1

    def is_collapsed(self, trial: Trial) -> bool:
        values = self.values(trial)
        return bool(len(values) > 0 and values.mean() < COLLAPSED_BELOW)

    def non_collapsed(self) -> list[Row]:
        """The published rows that can be compared and whose penalty did not destroy the network."""
        rows = [row for row in ROWS if self.comparable(row.trial)]
        return [row for row in rows if not self.is_collapsed(row.trial)]

    def say(self, *paragraphs: str):
        for paragraph in paragraphs:
            self.lines += [paragraph, ""]

    def table(self, rows: pd.DataFrame):
        """A Markdown table; columns of numbers stand right."""
        right = [column for column, cells in rows.items() if _are_numbers(cells)]
        self.say(markdown.table(rows, right))

    def show(self, name: str, figure: Figure, words: str):
        self.figures[name] = figure
        self.say(f"![{words}]({(PLACE / name).as_posix()})")


def _are_numbers(cells: pd.Series) -> bool:
    return all(NUMBER.fullmatch(str(cell).strip("*")) for cell in cells)


def span(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"

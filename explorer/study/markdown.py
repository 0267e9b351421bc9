"""Markdown of data frames, and of the glossary."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def format_table(frame: pd.DataFrame, right_aligned: Collection[str] = ()) -> str:
    """Markdown table of a data frame, with the columns of `right_aligned` aligned right."""
    alignment = ("---:" if column in right_aligned else "---" for column in frame)
    return "\n".join(map(_line, (frame, alignment, *frame.astype(object).to_numpy())))


def _line(cells: Iterable) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def glossary() -> str:
    """The definitions of docs/glossary.md, as a list without its title."""
    return GLOSSARY.read_text("utf-8").partition("\n\n")[2]

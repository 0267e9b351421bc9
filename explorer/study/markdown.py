"""Markdown of data frames, of the glossary, and of the finding."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pandas as pd

from explorer.study.wording.finding import Statement

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def literal(text: str) -> str:
    """Markdown that shows a text as it is: every sign of ASCII but letters, digits and blanks as an entity of HTML, which is no markup."""
    return "".join(
        letter
        if letter.isalnum() or letter == " " or ord(letter) > 127
        else f"&#{ord(letter)};"
        for letter in text
    )


def format_table(frame: pd.DataFrame, right_aligned: Collection[str] = ()) -> str:
    """Markdown table of a data frame, with the columns of `right_aligned` aligned right."""
    alignment = ("---:" if column in right_aligned else "---" for column in frame)
    return "\n".join(map(_line, (frame, alignment, *frame.astype(object).to_numpy())))


def _line(cells: Iterable) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def glossary() -> str:
    """The definitions of docs/glossary.md, as a list without its title."""
    return GLOSSARY.read_text("utf-8").partition("\n\n")[2]


def finding(statements: Sequence[Statement]) -> str:
    """Markdown of the finding: its headline, below which the sentences unfold, each with a link to its view."""
    if not statements:
        return ""
    headline = next((f": {one.headline}" for one in statements if one.headline), "")
    lines = "\n".join(f"- {one.text} [Look](?{one.view})" for one in statements)
    return (
        f"<details><summary>What was found{headline}</summary>\n\n{lines}\n\n</details>"
    )

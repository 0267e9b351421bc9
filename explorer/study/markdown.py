"""Markdown of tables, and of the claims with their evidence."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from explorer.study import tables, wording
from explorer.study.claims import Claim

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def table(found: pd.DataFrame, right: Collection[str] = ()) -> str:
    """A table; the columns of `right` stand right."""
    rule = ("---:" if column in right else "---" for column in found)
    return "\n".join(map(_line, (found, rule, *found.astype(object).to_numpy())))


def _line(cells: Iterable) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def glossary() -> str:
    """The definitions of docs/glossary.md, as a list without its title."""
    return GLOSSARY.read_text("utf-8").partition("\n\n")[2]


def claims(judged: list[Claim]) -> str:
    """The claims to read: each with its verdict, what each arm says, its evidence folded away, and how to rerun it."""
    return "\n\n".join(map(_card, judged))


def _card(claim: Claim) -> str:
    arms = "\n".join(
        f"- {arm.name}: {arm.verdict}. {wording.claims.arm(arm)}" for arm in claim.arms
    )
    rows = tables.evidence(claim, units=True)
    evidence = "Nothing could be compared yet." if rows.empty else table(rows)
    link = wording.claims.link(claim)
    return (
        f"### {claim.number}. {claim.observation}\n\n**{claim.verdict.capitalize()}.** [Look at a pair](?{link})\n\n{arms}\n\n"
        f"<details><summary>Evidence</summary>\n\n{claim.test}. `python train/all.py --study grid` trains the grid "
        "where it is missing, `python -m explorer.report` tests again.\n\n"
        f"{evidence}\n\n</details>"
    )

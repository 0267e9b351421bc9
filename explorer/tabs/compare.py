"""Compare: two configurations compared, the number of seeds that a difference takes, a visitor's own numbers, and bets on two runs."""

from dataclasses import asdict
from functools import cache

import gradio as gr

from explorer.charts.palette import HUES
from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study import (
    bets,
    columns,
    comparison,
    records,
    tables,
    value_examples,
    value_records,
    wording,
)
from explorer.study.statistics import MARGIN
from explorer.study.values import Setting
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound, unquoted
from train.errors import UserError

TITLE = "Compare"
SLUG = "compare"
STYLES = ("controls.css", "pages.css", "tables.css", "charts.css", "compare.css")
OWN_STYLES = (*STYLES, "own_numbers.css")
BET_STYLES = (*STYLES, "bet.css")
NOTHING = (
    "Nothing can be compared yet: a comparison needs two configurations with two seeds each. python train/all.py "
    "trains them."
)


@answering
def compare(results: Results, a: str, b: str, margin: float = MARGIN) -> dict:
    """Is one configuration better than another? The verdict in words, and the numbers behind it.

    The verdict is corrected for all pairs that one could have picked, of which `family` has the number; "p" is of this pair by itself.
    Accuracies are in percent, differences (a - b) in points, intervals at 95 % but the corrected one. Returns
    {"outcome": "different", "equivalent" or "undecided", "verdict": "<sentence>", "notes": "<sentences>",
    "difference": {...}, "a": {...}, "b": {...}, "a_beats_b": {...}, "one_run": {...}, "family": 78,
    "detectable": the difference that these seeds show with 80 % power, "more_seeds": 12 or null}, or {"error": "<sentence>"}.

    Args:
        a: the name of a trial without its seed, as /trials gives it under config
        b: another
        margin: differences below it count as none, in points, 0.02 to 0.5
    """
    return records.comparison(comparison.compare(results, a, b, margin))


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page: a comparison with its table and the seeds that a difference of `gap` takes, or the noise floor."""
    match question:
        case {"view": "noise"}:
            floor = comparison.noise_floor(results.core)
            return {"words": wording.comparison.noise(floor)}
        case {"a": a, "b": b, "margin": margin, "gap": int() | float() | None as gap}:
            result = comparison.compare(results, a, b, margin)
        case _:
            raise UserError("The page asked for a view that is not there.")
    table = tables.comparison(result)
    return {
        **_drawn(result),
        "plan": wording.comparison.plan(result, gap),
        "table": {"headers": [*table], "data": table.to_numpy().tolist()},
    }


def _drawn(result: comparison.PairwiseComparison) -> dict:
    """Record of a comparison, with all that its picture takes."""
    sides = (result.a, result.b)
    return {
        **records.comparison(result),
        "names": [describe(side.trial) for side in sides],
        "hues": [HUES[side.trial.norm] for side in sides],
    }


@cache
def all_bets(results: Results) -> list[dict]:
    """Records of the bets, made once."""
    return [
        {**_drawn(bet.result), "runs": bet.runs, "gap": bet.gap}
        for bet in bets.bets(results)
    ]


@answering
def ask_bets(results: Results, question: dict) -> dict:
    """Answer to the page: the bets."""
    return {"bets": all_bets(results)}


@answering
@unquoted
def compare_values(
    a: list[float],
    b: list[float],
    margin: float,
    paired: bool = False,
    higher_is_better: bool = True,
    deviation: float | None = None,
    name_a: str = "A",
    name_b: str = "B",
) -> dict:
    """Is your difference real? The verdict on two lists of results, one number per run, as /compare gives it on our networks.

    All numbers have your unit. The answer has the keys of /compare: `outcome` is "different", "equivalent" (within the margin) or
    "undecided", `verdict` and `notes` are sentences, `difference` is a - b with its 95 % interval and p values, `detectable` the difference that
    these runs show with 80 % power, `more_seeds` how many further runs of each would decide; `new_images`, `one_run` and what else needs each
    image's answers are null. Bad input gets {"error": "<sentence>"}. The numbers are neither kept nor logged.

    Args:
        a: results of the first recipe, one per run, 1,000 at most
        b: those of the second
        margin: differences below it count as none, in the unit of the numbers
        paired: whether run i of both has the same seed
        higher_is_better: false for losses and errors
        deviation: standard deviation between runs, needed where a list has a single number
        name_a: name of the first
        name_b: name of the second
    """
    setting = Setting(margin, paired, higher_is_better, deviation)
    return value_records.of_lists(a, b, [name_a, name_b], setting)


@answering
@unquoted
def judge_values(results: Results, question: dict) -> dict:
    """Answer to the page on columns that a visitor brings, see `value_records.of_question`; "ours" is the deviation between our seeds."""
    floor = comparison.noise_floor(results.core)
    return value_records.of_question(question, floor and floor.deviation)


def build(tab: gr.Tab, results: Results):
    smallest, largest = comparison.MARGINS
    takeaway.page(
        "own_numbers",
        OWN_STYLES,
        bound(judge_values, results),
        examples=[asdict(one) for one in value_examples.examples(results)],
        most=columns.MOST_BYTES,
    )
    takeaway.page("bet", BET_STYLES, bound(ask_bets, results))
    takeaway.page(
        "compare",
        STYLES,
        bound(ask, results),
        configurations=records.configurations(results.comparable),
        opening=comparison.opening(results),
        margins={"low": smallest, "high": largest, "usual": results.data_set.margin},
        nothing=NOTHING,
    )
    takeaway.endpoint("compare", compare, results)
    takeaway.endpoint("compare_values", compare_values)

"""The opening, above the tabs: what this is, the finding, where to begin, a tour, and where the report and the code are."""

import html
import os
import re
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import gradio as gr

from explorer.runs.results import Results
from explorer.study import markdown, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import bound
from explorer.web import documents, project
from train.data import DataError
from train.data_sets import MNIST
from train.norms import BY_KEY


class Step(NamedTuple):
    """A question of the tour, where it is answered, what to do, and what to see."""

    question: str
    query: str
    do: str
    see: str


TITLE = "Is the difference real?"
STEPS = (
    Step(
        "Do they agree?",
        "?tab=draw",
        "Clear the pad and draw a 4 that is nearly a 9.",
        "Each dot is a network: which norm reads something else?",
    ),
    Step(
        "Better, or luck?",
        "?tab=compare&bet=1",
        "Bet on one of two networks, then look at all seeds of both.",
        "The gap between two single runs says little; the interval over all seeds decides.",
    ),
    Step(
        "What does a penalty cost?",
        "?tab=curves",
        "Follow the lines with L1 in the lower chart.",
        "Where a band leaves zero out, the difference is real. Most of it is left when the rate falls.",
    ),
    Step(
        "Which norm for bad pictures?",
        "?tab=trust",
        "Look at the contrast, then choose noise.",
        "Norms that are equal on clean digits part: batch norm uses averages that no longer fit.",
    ),
    Step(
        "Is yours different?",
        "?tab=retrain",
        'Press "Train", then "Until it is decided".',
        "The interval shrinks with each seed, until it leaves zero out or is within 0.05 points.",
    ),
)
DOORS = (  # label and query
    ("Draw a digit", "?tab=draw"),
    ("Does group norm help at small batches?", "?tab=findings&part=small-batch"),
    ("Train one in 15 seconds", "?tab=retrain"),
    ("Bet: is it better, or luck?", "?tab=compare&bet=1"),
    ("A tour in five questions", f"{STEPS[0].query}&tour=1"),
)
TERMS = ("norm", "penalty", "batch size", "seed")  # of the glossary
THUMBNAIL = "docs/draw.png"


def described(results: Results) -> str:
    """Sentence on the networks: how many, the digits, and what was varied."""
    norms = [BY_KEY[key] for key in results.core.norms or BY_KEY]
    kinds = ", ".join(
        norm.name.removesuffix(" norm") if norm.label == norm.key else norm.key
        for norm in norms
    )
    data_set = results.data_set
    read = (
        "the handwritten digits of MNIST"
        if data_set is MNIST
        else f"the {data_set.nouns} of {data_set.name}"
    )
    return (
        f"{len(results.checkpoints):,} small networks read {read}. "
        f"They differ in norm ({kinds}), penalty, batch size and seed."
    )


@cache
def found(results: Results) -> str:
    """The finding and links, computed when the first page opens; without the finding where the test digits are missing."""
    finding = whose(results)
    with suppress(DataError):
        finding = finding or markdown.finding(
            [*wording.finding.statements(results), *wording.finding.beyond(results)]
        )
    links = [
        ("Report", documents.REPORT),
        ("Protocol", documents.PROTOCOL),
        ("Cite", documents.CITATION),
        ("Code and data", project.source()),
    ]
    named = " · ".join(f"[{label}]({address})" for label, address in links if address)
    return f"{finding}\n\n{named}"


def whose(results: Results) -> str:
    """Sentence on whose study the networks are, where they are not of MNIST, in the place of the finding."""
    name, known = results.data_set.name, {study.name for study in results.studies}
    if results.data_set is MNIST:
        return ""
    planned = " and ".join(sorted(known))
    study = f"the study *{planned}*" if planned else "no study of this project"
    return (
        f"**These networks are of {study}, trained on {name}**, from the folder `{results.folder.name}`: the findings on MNIST are "
        f"not about them. A chosen test image of {name} takes the place of a drawing, and what is known of MNIST alone is left out and said to be."
    )


def doors(results: Results) -> list[tuple[str, str]]:
    """Label and query of the links to begin with, those that lead somewhere with these networks."""
    if results.data_set is MNIST:
        return list(DOORS)
    return [
        (f"Show them a {results.data_set.noun}", "?tab=draw"),
        ("Compare two configurations", "?tab=compare"),
        ("Follow the learning curves", "?tab=curves"),
        ("Look at what they get wrong", "?tab=mistakes"),
    ]


def build(blocks: gr.Blocks, results: Results):
    """Adds the opening, and the description and picture of the page for links to it."""
    links = "".join(
        f'<a href="{html.escape(query)}">{label}</a>' for label, query in doors(results)
    )
    first, varied = re.split(r"(?<=\.) ", described(results))
    for word in TERMS:
        varied = re.sub(rf"\b{word}\b", takeaway.term(word), varied, count=1)
    lead = (
        f"{len(results.checkpoints):,} small networks read {results.data_set.name}'s {results.data_set.nouns}. Which norm, penalty or batch size? "
        '<a href="#opening">More</a>'
    )
    gr.HTML(
        f'<h1>{TITLE}</h1><p class="lead">{lead}</p>', elem_id="title", padding=False
    )
    _tour()
    gr.HTML(
        f'<p>{first} {varied} Which choice matters?</p><nav aria-label="Where to begin">{links}</nav>',
        elem_id="opening",
        elem_classes="opening",
        padding=False,
    )
    finding = gr.Markdown(elem_id="finding")
    blocks.load(bound(found, results), None, finding, **takeaway.QUIET)
    blocks.simple_description = f"{described(results)} {TITLE}"
    host = os.environ.get("SPACE_HOST")
    blocks.thumbnail = f"https://{host}/{THUMBNAIL}" if host else THUMBNAIL


def _item(number: int) -> str:
    step, is_last = STEPS[number - 1], number == len(STEPS)
    lead = f"{number} of {len(STEPS)}: {step.question}"
    words = f"<b>{lead}</b> {step.do} <i>{step.see}</i>"
    following = "" if is_last else f"{STEPS[number].query}&tour={number + 1}"
    link = f'<a href="{html.escape(following)}">Next</a>' if following else ""
    return f'<li>{words} {link} <button type="button">End the tour</button></li>'


def _tour():
    """Adds the tour: the step that the address names is shown, see `js/tour.js`."""
    items = "".join(_item(number) for number in range(1, len(STEPS) + 1))
    gr.HTML(
        f'<ol aria-label="Tour" aria-live="polite">{items}</ol>',
        elem_id="tour",
        elem_classes="tour",
        padding=False,
    )

"""Part of the tab Robustness: what several networks gain where they vote."""

import json
from functools import cache

import gradio as gr

from explorer.runs.results import Results
from explorer.study import ensembles, records, tables, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound, showing

STYLES = ("controls.css", "charts.css", "voting.css")


@cache
def voted(results: Results) -> ensembles.Ensembles:
    """Votes of the networks, counted once. Raises `StatisticsError`."""
    return ensembles.ensembles(results.core)


@answering
def voting(results: Results) -> dict:
    """Votes of several networks: how often two seeds of one configuration disagree, and what a vote gains over one network.

    alone: mean accuracy of one network. churn: share of the test images that two networks of one configuration answer
    differently, with low and high, and its parts one_right and both_wrong. votes: for 1, 2, 3 ... voters of one
    configuration the accuracy and the gain over one network, with low and high, and for new_images. all_voters and
    all_networks: votes of networks of all configurations together. Percent and points, 95 % intervals; ties are broken at random.
    """
    return records.ensembles(voted(results))


@showing(figures=1)
def show(results: Results):
    """Votes: sentences, the column to show, and the chart's numbers."""
    result = voted(results)
    return (
        f"{wording.ensembles.votes(result)} {wording.ensembles.churn(result)}",
        gr.Column(visible=True),
        json.dumps(records.ensembles(result)["votes"]),
    )


def counts(results: Results):
    return tables.votes(voted(results))


def part(tab: gr.Tab, results: Results):
    """Part of the tab: sentences and a chart of the gain over the number of voters, and the endpoint."""
    gr.Markdown("**What do several networks gain?**", elem_id="trust-votes")
    with takeaway.drawer("Votes of several networks", "fold"):
        text = gr.Markdown()
        with gr.Column(visible=False) as shown:
            chart = takeaway.page("voting", STYLES)
            takeaway.buttons(
                tab,
                tables={"votes": (bound(counts, results), [])},
                charts=[".chart"],
                page="voting",
            )
    tab.select(bound(show, results), None, [text, shown, chart], **takeaway.QUIET)
    takeaway.endpoint("ensembles", voting, results)

"""Section of the report about votes of several networks."""

from explorer.charts import portraits
from explorer.report.draft import Draft, section
from explorer.study import ensembles, tables, wording


@section("What do several networks gain?")
def votes(draft: Draft):
    """Churn, and accuracy of networks that vote, over the number of voters."""
    result = ensembles.ensembles(draft.results)
    draft.add_text(
        f"{wording.ensembles.votes(result)} {wording.ensembles.churn(result)}",
        f"A vote goes to the digit that most networks read, a tie is broken at random. Votes of one configuration are means over "
        f"all subsets of its seeds and over the {result.configurations} configurations of {result.scope} that did not collapse, all "
        "with the same weight. The gain is over the mean of the voters; its interval on these images is over the configurations, "
        "on new images over configurations and images. Votes of all configurations, of the networks that vote on a drawing and of "
        "all, are for these networks on new images.",
    )
    draft.add_figure(
        "votes.svg",
        portraits.votes(result),
        "Gain of a vote over one network, by the number of voters",
    )
    draft.add_table(tables.votes(result))

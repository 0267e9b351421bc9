"""Contents of the report: its sections in order."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from explorer.report import (
    descriptions,
    ensembles,
    factors,
    finding,
    further,
    networks,
    observations,
    verdicts,
)
from explorer.report.draft import COMMAND, Draft
from explorer.runs.results import Results

SECTIONS = (
    descriptions.runs,
    descriptions.published,
    verdicts.differences,
    descriptions.norms,
    verdicts.noise,
    verdicts.single_seeds,
    observations.observations,
    factors.primary,
    factors.simple_effects,
    further.small_batches,
    further.dose,
    further.learning_rates,
    further.control,
    further.replicated,
    factors.losses,
    factors.margins,
    networks.regularisers,
    networks.statistics_of_batches,
    networks.mistakes,
    ensembles.votes,
    networks.confidence,
    networks.corrupted_digits,
    networks.curves,
)


@dataclass(frozen=True)
class Report:
    """Text of RESULTS.md, its figures by file name, and the finding for README.md."""

    text: str
    figures: dict[str, Figure]
    finding: str


def write(results: Results, replicated: Results | None = None) -> Report:
    """Report of the core studies in these results, and of runs on another data set; a section that lacks seeds says so."""
    draft = Draft(results.core, results, replicated)
    draft.add_text(
        "# Results",
        f"Written by `{COMMAND}` from `checkpoints/`; nothing here is typed by hand. How it is decided what is real: "
        "[docs/protocol.md](docs/protocol.md).",
        finding.block(results),
    )
    for section in SECTIONS:
        section(draft)
    return Report(
        "\n".join(draft.lines).rstrip() + "\n",
        draft.figures,
        finding.block(results, "RESULTS.md"),
    )

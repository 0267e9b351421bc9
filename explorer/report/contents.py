"""Contents of the report: its sections in order."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from explorer.report import descriptions, networks, observations, verdicts
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
    verdicts.grid,
    networks.regularisers,
    networks.statistics_of_batches,
    networks.mistakes,
    networks.confidence,
    networks.corrupted_digits,
    networks.curves,
)


@dataclass(frozen=True)
class Report:
    """Text of RESULTS.md, its figures by file name, and the finding in two sentences."""

    text: str
    figures: dict[str, Figure]
    finding: str


def write(results: Results) -> Report:
    """Report of the core studies in these results; a section that lacks seeds says so."""
    draft = Draft(results.core)
    finding = verdicts.finding(draft)
    draft.add_text(
        "# Results",
        f"Written by `{COMMAND}` from `checkpoints/`; nothing here is typed by hand. How it is decided what is real: "
        "[docs/protocol.md](docs/protocol.md). Its section *The runs that decide* is not followed yet: what is tested here follows "
        "the sections before it.",
        finding,
    )
    for section in SECTIONS:
        section(draft)
    return Report("\n".join(draft.lines).rstrip() + "\n", draft.figures, finding)

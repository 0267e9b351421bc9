"""The finding in Markdown, for README.md and the top of RESULTS.md."""

from explorer.report.draft import FIGURES
from explorer.runs.results import Results
from explorer.study.wording import finding
from explorer.study.wording.finding import Statement
from explorer.web.documents import anchor


def block(results: Results, report: str = "") -> str:
    """Statements as a list, and those of the further studies with their figures; `report` is the path of RESULTS.md from the file."""
    statements = finding.statements(results)
    if not statements:
        return finding.TOO_FEW_SEEDS
    lines = "\n".join(f"- {_linked(one, report)}" for one in statements)
    return "\n\n".join(
        [lines, *(_illustrated(one, report) for one in finding.beyond(results))]
    )


def _linked(statement: Statement, report: str) -> str:
    return f"{statement.text} [Numbers]({report}#{anchor(statement.section)})"


def _illustrated(statement: Statement, report: str) -> str:
    if not statement.figure:
        return _linked(statement, report)
    figure = (FIGURES / statement.figure).as_posix()
    return f"{_linked(statement, report)}\n\n![{statement.caption}]({figure})"

"""The finding in Markdown."""

from explorer.report import finding
from explorer.report.contents import write
from explorer.runs.results import Results


def test_every_sentence_leads_to_a_section_of_the_report(committed: Results):
    report = write(committed)
    headings = [line[3:] for line in report.text.splitlines() if line[:3] == "## "]
    anchors = {finding.anchor(heading) for heading in headings}
    links = [part.partition(")")[0] for part in report.finding.split("[Numbers](")[1:]]
    assert len(links) >= 6
    assert {link.removeprefix("RESULTS.md#") for link in links} <= anchors
    assert "is-the-difference-real" in anchors

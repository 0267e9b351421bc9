"""The whole report: every section has text, with no and with few networks."""

from explorer.report.contents import write
from explorer.runs import results
from tests.gathered import gathered


def test_without_checkpoints_every_section_says_so():
    report = write(gathered([]))
    assert report.finding.startswith("Too few seeds")
    assert "nan" not in report.text
    assert "**Grid.** Too few seeds yet" in report.text


def test_the_report_of_a_few_networks_has_no_holes(folder):
    report = write(results.load(folder))
    assert "nan" not in report.text
    assert "3 runs of no study in all" in report.text

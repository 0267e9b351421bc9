"""The report: current, the same for the same checkpoints, and honest where seeds lack."""

from gathered import gathered

from explorer import results
from explorer.report.__main__ import ROOT, main, with_finding
from explorer.report.contents import write
from train.checkpoint import FOLDER


def test_the_committed_report_is_that_of_the_committed_checkpoints(tmp_path):
    (tmp_path / "README.md").write_text(
        (ROOT / "README.md").read_text("utf-8"), "utf-8"
    )
    main(FOLDER, tmp_path)
    for name in ("RESULTS.md", "README.md"):
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes(), (
            f"{name} is out of date: run `python -m explorer.report`"
        )
    made = {path.name for path in (tmp_path / "docs" / "figures").iterdir()}
    assert made == {path.name for path in (ROOT / "docs" / "figures").iterdir()}
    text = (ROOT / "RESULTS.md").read_text("utf-8")
    assert all(f"(docs/figures/{name})" in text for name in made)


def test_without_checkpoints_every_section_says_so():
    report = write(gathered([]))
    assert report.finding.startswith("Too few seeds")
    assert "nan" not in report.text
    assert "undecided" in report.text


def test_the_report_of_a_few_networks_has_no_holes(folder):
    report = write(results.load(folder))
    assert "nan" not in report.text
    assert "3 runs in all" in report.text


def test_the_finding_stands_between_its_marks():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert (
        with_finding(with_finding(readme, "One. Two."), "Three.").count("Three.") == 1
    )
    assert "Two." not in with_finding(with_finding(readme, "One. Two."), "Three.")

"""The committed report, its figures and the finding in README.md: current and reproducible."""

import html
import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from explorer.charts.print_style import drawn
from explorer.report.__main__ import ROOT, main, save, with_finding
from train.checkpoint import FOLDER


def test_the_committed_report_is_that_of_the_committed_checkpoints(tmp_path):
    (tmp_path / "README.md").write_text(
        (ROOT / "README.md").read_text("utf-8"), "utf-8"
    )
    main(FOLDER, tmp_path)
    numbers_are_exact = released("numpy", "scipy", "statsmodels")
    for name in ("RESULTS.md", "README.md"):
        written, committed = (
            (root / name).read_text("utf-8") for root in (tmp_path, ROOT)
        )
        assert (
            written == committed
            or not numbers_are_exact
            and differ_in_last_digits(written, committed)
        ), OUTDATED
    figures = {path.name: path for path in (ROOT / "docs" / "figures").iterdir()}
    written = {path.name: path for path in (tmp_path / "docs" / "figures").iterdir()}
    assert written.keys() == figures.keys()
    for name, path in written.items():
        if numbers_are_exact and released("matplotlib"):
            assert path.read_bytes() == figures[name].read_bytes(), OUTDATED
        assert same_data(data_of(path), data_of(figures[name])), OUTDATED
    text = (ROOT / "RESULTS.md").read_text("utf-8")
    assert all(f"(docs/figures/{name})" in text for name in written)


OUTDATED = "the report is out of date: run `python -m explorer.report`"
CONSTRAINED = dict(
    line.split("==")
    for line in (ROOT / ".ci" / "constraints.txt").read_text().split()
    if "==" in line
)


def released(*packages: str) -> bool:
    """The installed releases of these packages are those of CI; others may round otherwise."""
    return all(version(name) == CONSTRAINED[name] for name in packages)


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def differ_in_last_digits(a: str, b: str) -> bool:
    """Two texts are the same but for numbers that differ by one in their last digit."""
    if NUMBER.split(a) != NUMBER.split(b):
        return False
    pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(
        one == other
        or len(one.partition(".")[2]) == len(other.partition(".")[2])
        and abs(int(one.replace(".", "")) - int(other.replace(".", ""))) <= 1
        for one, other in pairs
    )


def data_of(figure: Path) -> list[list]:
    """The data that a figure says it draws, see `print_style.drawn`."""
    description = re.search(
        "<dc:description>(.*?)</dc:description>", figure.read_text("utf-8"), re.DOTALL
    )
    return json.loads(html.unescape(description[1]))


def same_data(a: list[list], b: list[list]) -> bool:
    return [artist[:2] for artist in a] == [artist[:2] for artist in b] and all(
        one[2:] == pytest.approx(other[2:], rel=1e-3)
        for one, other in zip(a, b, strict=True)
    )


def test_texts_may_differ_by_one_in_the_last_digit_and_in_nothing_else():
    assert differ_in_last_digits(
        "p = 0.0123, 99.41 \u00b1 0.05 (10)", "p = 0.0124, 99.40 \u00b1 0.05 (10)"
    )
    for other in (
        "p = 0.0125, 7",
        "p = 0.012, 7",
        "p = 0.0123, 7 and",
        "p is 0.0123, 7",
    ):
        assert not differ_in_last_digits("p = 0.0123, 7", other)


def test_a_figure_says_what_it_draws(tmp_path):
    def figure(shift: float):
        drawing = Figure()
        axes = drawing.add_subplot()
        axes.plot([1, 2, 3], [4, 5, 6 + shift])
        axes.bar([1, 2], [3, 4])
        axes.fill_between([1, 2], [1, 2], [3, 4])
        return drawing

    for name, shift in (("a.svg", 0.0), ("b.svg", 0.1)):
        save(figure(shift), tmp_path / name)
    a, b = (data_of(tmp_path / name) for name in ("a.svg", "b.svg"))
    assert same_data(a, drawn(figure(0.0))) and not same_data(a, b)
    assert a[0] == ["line", 3, 6.0, 15.0]


def test_the_finding_is_between_its_marks():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert (
        with_finding(with_finding(readme, "One. Two."), "Three.").count("Three.") == 1
    )
    assert "Two." not in with_finding(with_finding(readme, "One. Two."), "Three.")

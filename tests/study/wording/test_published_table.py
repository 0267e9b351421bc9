"""Where a line of the published table leads, and what is said of what is trained."""

from urllib.parse import quote_plus

from explorer.runs import results
from explorer.study import published_table, wording
from explorer.study.published_table import Coverage
from tests.gathered import gathered
from train.study import PUBLISHED, as_run


def test_a_row_leads_to_its_curves_its_mistakes_and_its_twin(invent):
    row = PUBLISHED[2]
    found = gathered([invent(row, [0]), invent(as_run(row), [0])])
    lines = published_table.published(found)
    words = wording.published_table.links(lines[2])
    assert words.startswith(f"**{results.describe(row)}**")
    view = (
        "tab=curves&norm=GN&regulariser=L1&batch=64&study=published%7Cgrid&rate=0.04104"
    )
    assert f"(?{view})" in words
    assert f"tab=mistakes&trial={quote_plus(row.name)}" in words
    assert "tab=compare" in words
    assert wording.published_table.links(lines[0]) == "That row is not trained yet."


def test_what_is_not_there_is_not_said():
    said = wording.published_table.coverage(Coverage(40, 4, 2, 0, (), 0))
    assert said == (
        "40 trials of 4 configurations are trained. They cover 2 of the 14 published rows as labelled."
    )
    said = wording.published_table.coverage(Coverage(40, 4, 2, 1, (5, 10), 3))
    assert "1 diverged" in said and "3 have seeds beyond" in said
    assert "15 networks of 2 configurations learned nothing" in said
    assert "`python train/all.py`" in wording.published_table.coverage(
        Coverage(0, 0, 0, 0, (), 0)
    )

"""Links of a line of the published table, and sentences on what is trained."""

from urllib.parse import quote_plus

from explorer.runs import results
from explorer.study import published_table, wording
from explorer.study.published_table import Coverage
from tests.gathered import gathered
from train.study import PUBLISHED, as_run


def test_a_row_leads_to_its_curves_its_mistakes_and_its_twin(invent):
    row = PUBLISHED[2]
    loaded = gathered([invent(row, [0]), invent(as_run(row), [0])])
    lines = published_table.published(loaded)
    text = wording.published_table.links(lines[2])
    assert text.startswith(f"**{results.describe(row)}**")
    view = (
        "tab=curves&norm=GN&regulariser=L1&batch=64&study=published%7Cgrid&rate=0.04104"
    )
    assert f"(?{view})" in text
    assert f"tab=mistakes&trial={quote_plus(row.name)}" in text
    assert "tab=compare" in text
    assert wording.published_table.links(lines[0]) == "That row is not trained yet."


def test_counts_of_zero_are_left_out():
    sentences = wording.published_table.coverage(Coverage(40, 4, 2, 0, (), 0))
    assert sentences == (
        "40 trials of 4 configurations are trained. They cover 2 of the 14 published rows as labelled."
    )
    sentences = wording.published_table.coverage(Coverage(40, 4, 2, 1, (5, 10), 3))
    assert "1 diverged" in sentences and "3 have seeds beyond" in sentences
    assert "15 networks of 2 configurations learned nothing" in sentences
    assert "`python train/all.py`" in wording.published_table.coverage(
        Coverage(0, 0, 0, 0, (), 0)
    )

"""Sentences on what is trained."""

from explorer.study import wording
from explorer.study.published_table import Coverage


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

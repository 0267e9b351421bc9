"""Section of the report about votes."""

import numpy as np
import pytest

from explorer.report import ensembles
from explorer.report.draft import Draft
from tests.gathered import gathered
from train.study import Trial


def test_the_gain_of_a_vote_is_told_drawn_and_listed(invent):
    runs = [
        invent(Trial(norm, 0.0, 0.0, 16, seed=seed), [seed])
        for norm in ("BN", "GN")
        for seed in (1, 2, 3)
    ]
    draft = Draft(gathered(runs))
    ensembles.votes(draft)
    text = "\n".join(draft.lines)
    assert "3 networks of one configuration that vote gain 0.01 ± 0.00" in text
    assert "| 3 | one configuration | 100.000 | 0.010 | ± 0.000 |" in text
    (line,) = draft.figures["votes.svg"].axes[0].lines
    assert np.asarray(line.get_xdata()).tolist() == [1, 2, 3]
    assert np.asarray(line.get_ydata()).tolist() == pytest.approx([0, 0, 0.01])


def test_without_seeds_the_section_says_so():
    draft = Draft(gathered([]))
    ensembles.votes(draft)
    assert "too few are trained" in "\n".join(draft.lines)
    assert not draft.figures

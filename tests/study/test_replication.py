"""The replication: its contrasts, and which findings carry over."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.report import further
from explorer.report.draft import Draft
from explorer.study import replication, wording
from explorer.study.replication import CARRIES, FAILS, OPEN
from explorer.tabs import findings as tab
from tests.gathered import gathered
from train.data_sets import FASHION, MNIST
from train.study import REPLICATION


def made(invent, data_set, missed: dict[str, int], spread: int = 7):
    """Results of ten seeds of each configuration, which miss as many images as their norm says, and a few by chance."""
    random = np.random.default_rng(1)
    return gathered(
        invent(
            replace(trial, data_set=data_set.name, seed=seed),
            range(missed[trial.norm] + int(random.integers(0, spread))),
        )
        for trial in REPLICATION
        for seed in range(1, 11)
    )


@pytest.fixture(scope="module")
def original(invent):
    return made(invent, MNIST, {"BN": 80, "GN": 60, "LN": 60})


@pytest.fixture(scope="module")
def replicated(invent):
    """Of two norms that are equivalent on MNIST, one is worse."""
    return made(invent, FASHION, {"BN": 1090, "GN": 1000, "LN": 1060})


def test_the_contrasts_are_those_of_the_protocol():
    for data_set in (MNIST, FASHION):
        contrasts = replication.contrasts(data_set)
        assert len(contrasts) == 11
        configs = {config for one in contrasts for config in one.weights}
        assert configs == {replace(trial, data_set=data_set.name).config for trial in REPLICATION}  # fmt: skip
        for one in contrasts:
            assert sum(one.weights.values()) == pytest.approx(0)
            assert sum(map(abs, one.weights.values())) == pytest.approx(2)


def test_a_finding_carries_over_where_both_say_the_same(replicated, original):
    found = replication.findings(replicated, original)
    assert len(found) == 11
    by_name = {one.here.contrast.label: one for one in found}
    assert by_name["BN minus GN"].outcome == CARRIES
    assert by_name["GN minus LN"].outcome == FAILS
    assert by_name["batch 16 minus batch 128"].outcome == CARRIES
    assert by_name["BN minus GN"].here.gap.margin == 0.25
    assert by_name["BN minus GN"].there.gap.margin == 0.05
    sentences = wording.replication.sentences(found, FASHION)
    (about,) = (one for one in sentences if one.startswith("BN and GN:"))
    assert "GN reads more (-0.9" in about and about.endswith("it carries over.")
    assert any("does not carry over" in one for one in sentences)
    count = [one.outcome for one in found].count(CARRIES)
    said = wording.replication.summary(found, FASHION)
    assert said.startswith(f"Of 11 findings on MNIST, {count} carry over to FashionMNIST")  # fmt: skip


def test_opposite_signs_do_not_carry_over_and_what_is_undecided_is_open(
    replicated, original, invent
):
    opposite = made(invent, FASHION, {"BN": 1000, "GN": 1090, "LN": 1000})
    by_name = {one.here.contrast.label: one.outcome for one in replication.findings(opposite, original)}  # fmt: skip
    assert by_name["BN minus GN"] == FAILS
    near = made(invent, FASHION, {"BN": 1000, "GN": 1025, "LN": 1000}, 150)
    assert OPEN in {one.outcome for one in replication.findings(near, original)}


def test_the_report_and_the_app_say_it_and_say_where_runs_lack(
    replicated, original, monkeypatch
):
    draft = Draft(original, original, replicated)
    further.replicated(draft)
    text = "\n".join(draft.lines)
    assert "## Another data set" in text and text.count("\n- ") + 1 >= 11
    assert "10 of 10 seeds" in text
    monkeypatch.setattr(tab, "load", lambda: original)
    assert tab.elsewhere(replicated).count("- ") >= 11
    single = gathered(one for one in replicated.finished if one.trial.seed == 1)
    assert tab.TOO_FEW in tab.elsewhere(single)
    draft = Draft(original, original, single)
    further.replicated(draft)
    assert "Too few seeds" in draft.lines[-2]
    draft = Draft(original, original)
    further.replicated(draft)
    assert not draft.lines

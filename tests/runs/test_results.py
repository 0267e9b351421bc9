"""What the explorer knows of checkpoints: its tables, its choices, which runs vote, and what could not be read."""

import shutil
from dataclasses import replace

import pytest

from explorer.report.contents import write
from explorer.runs import results
from explorer.runs.results import Selection
from explorer.study import comparison, hard_images
from tests.gathered import gathered
from train import checkpoint
from train.study import PUBLISHED, ROWS, STUDIES, Trial


def stored(trained, folder, **changes):
    """The first trained network saved as if it were another trial's."""
    trial = replace(trained.trial, **changes)
    checkpoint.save(replace(trained, trial=trial), folder)
    return trial


def test_the_tables_say_what_the_files_say(folder, trained):
    found = results.load(folder)
    assert not found.problems
    assert [each.trial.norm for each in found.checkpoints] == ["BN", "GN", "LN"]
    table = found.trials.set_index("name")
    assert table.index.is_unique
    for each in trained:
        row = table.loc[each.trial.name]
        assert row.last_acc == each.history[-1]["test_acc"]
        assert row.regulariser == each.trial.regulariser
    assert len(found.history) == sum(len(each.history) for each in trained)
    assert found.find(trained[0].trial.name).trial == trained[0].trial
    assert found.find("another") is None


def test_what_cannot_be_read_is_named_and_the_rest_is_there(folder, trained, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "checkpoints")
    (copy / "foreign.safetensors").write_text("something else")
    shutil.copy(checkpoint.path_of(trained[0].trial, copy), copy / "twice.safetensors")
    (copy / ".left.safetensors.1.partial").write_text("")
    (copy / "README.md").write_text("")
    found = results.load(copy)
    assert len(found.checkpoints) == 3
    assert len(found.problems) == 2
    assert "foreign.safetensors" in found.problems[0]
    assert "twice.safetensors" in found.problems[1]


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_no_checkpoints_are_no_error(name, tmp_path):
    (tmp_path / "empty").mkdir()
    found = results.load(tmp_path / name)
    assert found.trials.empty and found.history.empty and found.records() == []


def test_choices_narrow_the_history(folder):
    found = results.load(folder)
    some = Selection([results.NO_STUDY], ["BN", "LN"], ["none", "L2"], [32], [Trial.lr])
    assert set(found.choose(some).norm) == {"LN"}
    assert found.choose(some._replace(norms=[])).empty
    assert found.choose(some._replace(studies=["grid"])).empty
    assert found.choose(some._replace(rates=[0.1])).empty


def test_a_trial_is_described_in_words():
    assert results.describe(PUBLISHED[3]) == "GN, L1 0.0001, L2 0.0004, batch 64"
    assert results.describe(PUBLISHED[0]) == "GN, batch 128"
    odd = replace(PUBLISHED[0], lr=0.01026, epochs=1)
    assert results.describe(odd) == "GN, batch 128, lr 0.01026, 1 epoch"
    # Two configurations never share their words.
    trials = {trial for study in STUDIES.values() for trial in study.trials}
    assert len({results.describe(trial) for trial in trials}) == len(trials)


@pytest.fixture
def mixed(invent):
    """Two configurations of the grid with six seeds, one that collapsed, and runs that are not the core studies'."""
    gn, bn = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN"))
    own = [
        replace(trial, seed=seed)
        for trial in (gn, bn, ROWS[1].trial)
        for seed in range(1, 7)
    ]
    foreign = [
        replace(gn, seed=11),  # beyond the study's seeds
        replace(gn, lr=0.02),  # of no study
        replace(gn, lr=0.02, seed=2),
        replace(gn, lr=0.01026),  # of another study
        replace(gn, l1=1.25e-5),
    ]
    missed = {ROWS[1].trial.config: 9020}
    core = [
        invent(trial, range(missed.get(trial.config, 60) + trial.seed)) for trial in own
    ]
    return core, [invent(trial, range(700, 1700)) for trial in foreign]


def test_voters_are_the_first_seeds_of_what_did_not_collapse(mixed):
    core, foreign = mixed
    found = gathered(core + foreign)
    assert {(each.trial.norm, each.trial.seed) for each in found.voters} == {
        (norm, seed) for norm in ("GN", "BN") for seed in range(1, 6)
    }
    assert {each.trial.lr for each in found.voters} == {Trial.lr}
    assert found.collapsed == {ROWS[1].trial.config}


def test_runs_of_other_studies_and_of_none_change_no_vote_and_no_report(
    mixed, tmp_path
):
    core, foreign = mixed
    for each in core:
        checkpoint.save(each, tmp_path)
    before = results.load(tmp_path)
    for each in foreign:
        checkpoint.save(each, tmp_path)
    after = results.load(tmp_path)
    assert len(after.checkpoints) == len(before.checkpoints) + len(foreign)
    assert [each.name for each in after.voters] == [each.name for each in before.voters]
    reports = [write(found) for found in (before, after)]
    assert reports[0].text == reports[1].text
    assert reports[0].finding == reports[1].finding
    assert hard_images.summary(after.core) == hard_images.summary(before.core)
    assert after.core.scope == "published, as-run and grid"


def test_runs_of_no_study_are_listed_and_compared(mixed):
    core, foreign = mixed
    found = gathered(core + foreign)
    own = foreign[1].trial.config
    compared = comparison.compare(found, own, core[0].trial.config)
    assert len(compared.a.accuracies) == 2
    # A further seed stands in no mean of its configuration, and in no line of its own.
    assert len(found.configs[core[0].trial.config]) == 6
    lines = found.history.groupby("config").name.nunique()
    assert lines[core[0].trial.config] == 6
    assert lines[f"{core[0].trial.config}_further"] == 1
    table = found.trials.set_index("name").study
    assert (
        table[foreign[0].trial.name] == table[foreign[1].trial.name] == results.NO_STUDY
    )
    assert table[foreign[3].trial.name] == "learning-rate"


def test_pointers_of_git_lfs_are_one_problem_however_many(tmp_path):
    for place in range(40):
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{place:064x}\nsize 56000\n"
        (tmp_path / f"network{place:02d}.safetensors").write_text(text)
    found = results.load(tmp_path)
    assert not found.checkpoints
    (problem,) = found.problems
    assert problem.startswith("40 files that are pointers of Git LFS, not networks")
    assert (
        "(network00.safetensors, network01.safetensors, network02.safetensors and"
        in problem
    )
    assert "git lfs pull" in problem

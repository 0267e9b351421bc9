"""Results of a folder of checkpoints: tables, selections, voters, and files that cannot be read."""

import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from explorer.report.contents import write
from explorer.runs.descriptions import NO_STUDY, describe
from explorer.runs.results import Selection, load
from explorer.study import comparison, hard_images
from tests.gathered import gathered
from train import checkpoint
from train.study import PUBLISHED, ROWS, STUDIES, Trial


def test_the_tables_equal_the_files(folder, trained):
    results = load(folder)
    assert not results.problems
    assert [network.trial.norm for network in results.checkpoints] == ["BN", "GN", "LN"]
    table = results.trials.set_index("name")
    assert table.index.is_unique
    for network in trained:
        row = table.loc[network.trial.name]
        assert row.last_acc == network.history[-1]["test_acc"]
        assert row.regulariser == network.trial.regulariser
    assert len(results.history) == sum(len(network.history) for network in trained)
    assert results.find(trained[0].trial.name).trial == trained[0].trial
    assert results.find("another") is None


def test_a_file_that_cannot_be_read_is_a_problem_and_the_rest_is_loaded(
    folder, trained, tmp_path
):
    copy = shutil.copytree(folder, tmp_path / "checkpoints")
    (copy / "foreign.safetensors").write_text("something else")
    shutil.copy(checkpoint.path_of(trained[0].trial, copy), copy / "twice.safetensors")
    (copy / ".left.safetensors.1.partial").write_text("")
    (copy / "README.md").write_text("")
    results = load(copy)
    assert len(results.checkpoints) == 3
    assert len(results.problems) == 2
    assert "foreign.safetensors" in results.problems[0]
    assert "twice.safetensors" in results.problems[1]


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_no_checkpoints_are_no_error(name, tmp_path):
    (tmp_path / "empty").mkdir()
    results = load(tmp_path / name)
    assert results.trials.empty and results.history.empty and results.records() == []


def test_a_selection_narrows_the_history(folder):
    results = load(folder)
    selection = Selection([NO_STUDY], ["BN", "LN"], ["none", "L2"], [32], [Trial.lr])
    assert set(results.choose(selection).norm) == {"LN"}
    assert results.choose(selection._replace(norms=[])).empty
    assert results.choose(selection._replace(studies=["grid"])).empty
    assert results.choose(selection._replace(rates=[0.1])).empty


def test_a_description_has_all_settings_that_differ_from_the_recipe():
    assert describe(PUBLISHED[3]) == "GN, L1 0.0001, L2 0.0004, batch 64"
    assert describe(PUBLISHED[0]) == "GN, batch 128"
    odd = replace(PUBLISHED[0], lr=0.01026, epochs=1)
    assert describe(odd) == "GN, batch 128, lr 0.01026, 1 epoch"
    # Two configurations of a data set never share a description.
    trials = {trial for study in STUDIES.values() for trial in study.trials}
    described = {(describe(trial), trial.data_set) for trial in trials}
    assert len(described) == len(trials)


@pytest.fixture
def mixed(invent):
    """Runs of the core studies (two configurations with six seeds and one that collapsed), and runs of no core study."""
    gn, bn = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN"))
    studied = [
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
        invent(trial, range(missed.get(trial.config, 60) + trial.seed))
        for trial in studied
    ]
    return core, [invent(trial, range(700, 1700)) for trial in foreign]


def test_voters_are_the_first_seeds_of_the_configurations_that_did_not_collapse(mixed):
    core, foreign = mixed
    results = gathered(core + foreign)
    assert {(voter.trial.norm, voter.trial.seed) for voter in results.voters} == {
        (norm, seed) for norm in ("GN", "BN") for seed in range(1, 6)
    }
    assert {voter.trial.lr for voter in results.voters} == {Trial.lr}
    assert results.collapsed == {ROWS[1].trial.config}


def test_runs_of_other_studies_and_of_none_change_no_vote_and_no_report(
    mixed, tmp_path
):
    core, foreign = mixed
    for network in core:
        checkpoint.save(network, tmp_path)
    before = load(tmp_path)
    for network in foreign:
        checkpoint.save(network, tmp_path)
    after = load(tmp_path)
    assert len(after.checkpoints) == len(before.checkpoints) + len(foreign)
    assert [voter.name for voter in after.voters] == [
        voter.name for voter in before.voters
    ]
    reports = [write(results) for results in (before, after)]
    # But for what was trained, which lists every study.
    texts = [report.text.splitlines() for report in reports]
    changed = [one for one, other in zip(*texts, strict=True) if one != other]
    assert [line.split()[1] for line in changed] == ["dose", "learning-rate"]
    assert reports[0].finding == reports[1].finding
    assert hard_images.summary(after.core) == hard_images.summary(before.core)
    assert after.core.scope == "published, as-run and grid"


def test_runs_of_no_study_are_listed_and_compared(mixed):
    core, foreign = mixed
    results = gathered(core + foreign)
    config = foreign[1].trial.config
    compared = comparison.compare(results, config, core[0].trial.config)
    assert len(compared.a.accuracies) == 2
    # A further seed does not enter the mean of its configuration, nor its curve.
    assert len(results.configs[core[0].trial.config]) == 6
    lines = results.history.groupby("config").name.nunique()
    assert lines[core[0].trial.config] == 6
    assert lines[f"{core[0].trial.config}_further"] == 1
    table = results.trials.set_index("name").study
    assert table[foreign[0].trial.name] == table[foreign[1].trial.name] == NO_STUDY
    assert table[foreign[3].trial.name] == "learning-rate"


def test_subfolders_and_large_letters_are_read_and_hidden_files_are_not(
    folder, tmp_path, trained
):
    files = sorted(folder.glob("*.safetensors"))
    names = ("a.SAFETENSORS", "deep/er/b.safetensors", ".c.safetensors", ".git/d.safetensors")  # fmt: skip
    for name, path in zip(names, [*files, files[0]], strict=True):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / name)
    results = load(tmp_path)
    assert len(results.checkpoints) == 2 and not results.problems


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    assert load(tmp_path / "cheKpoints").problems == [
        f"the folder {tmp_path}/cheKpoints, which does not exist"
    ]


def test_text_out_of_a_file_is_one_short_line(tmp_path):
    header = {"format": "a\n\u001b[31m\u202e" + "long" * 1000}
    save_file({"weight": torch.zeros(1)}, tmp_path / "x.safetensors", header)
    (problem,) = load(tmp_path).problems
    assert problem.isprintable() and len(problem) < 320
    assert "a foreign file" in problem


def test_pointers_of_git_lfs_are_one_problem_however_many(tmp_path):
    for number in range(40):
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{number:064x}\nsize 56000\n"
        (tmp_path / f"network{number:02d}.safetensors").write_text(text)
    results = load(tmp_path)
    assert not results.checkpoints
    (problem,) = results.problems
    assert problem.startswith("40 files that are pointers of Git LFS, not networks")
    assert (
        "(network00.safetensors, network01.safetensors, network02.safetensors and"
        in problem
    )
    assert "git lfs pull" in problem


def test_networks_midway_are_in_no_study_vote_or_table(trained, tmp_path):
    whole = trained[0]
    last = {"epoch": 1, **{key: whole.history[0][key] for key in ("test_acc", "test_loss")}}  # fmt: skip
    summary = whole.summary | {"last": last}
    midway = replace(whole, history=whole.history[:1], summary=summary)
    for network in (whole, midway):
        checkpoint.save(network, tmp_path)
    for _ in range(2):  # read, and by the index
        results = load(tmp_path)
        assert not results.problems
        assert [one.name for one in results.checkpoints] == [whole.name]
        assert len(results.trials) == 1 and results.find(midway.name) is None
        assert results.epochs == {whole.name: [1, 2]}
        (found,) = results.checkpoints
        assert results.at(found, 1).name == f"{whole.name}_epoch=1"
        assert results.at(found, 1).history == midway.history
        assert results.at(found, None) is results.at(found, 2) is found

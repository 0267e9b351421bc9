"""Jobs of the Hub against a local server: what is submitted and for how much, what a job runs and pushes, and refused commits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub import TOKEN
from train import checkpoint, index, on_jobs
from train import hub as uploading
from train.all import main
from train.pace import Pace
from train.study import Trial

# huggingface_hub passes open files to its HTTP client in a deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REPO = "owner/name"
TINY = ("--only", "row1", "row7", "row11", "--train-images", "96", "--epochs", "1")
JOBS = (*TINY, "--on", "jobs", "--shards", "2", "--push", REPO)


@pytest.fixture
def pace() -> Pace:
    """A second per epoch."""
    pace = Pace()
    pace.record(Trial("GN", 0.0, 0.0, 16), 1.0)
    return pace


def test_a_plan_has_the_hubs_price_and_a_limit_of_twice_the_time(hub, pace):
    trials = [Trial("GN", 0.0, 0.0, 16, seed=seed) for seed in range(1, 161)]
    plan = on_jobs.plan(trials, REPO, 2, "cpu-upgrade", pace, TOKEN)
    # 80 trials of 25 s on 8 cores, after the preparation.
    assert plan.seconds == on_jobs.PREPARING + 250
    assert plan.dollars == pytest.approx(2 * plan.seconds / 60 * 0.0005)
    assert plan.timeout == 2 * plan.seconds
    with pytest.raises(uploading.HubError, match="must be one of cpu-upgrade"):
        on_jobs.plan(trials, REPO, 2, "cpu-other", pace, TOKEN)
    hub.refusal = 500
    with pytest.raises(uploading.HubError, match="prices"):
        on_jobs.plan(trials, REPO, 2, "cpu-upgrade", pace, TOKEN)


def test_a_dry_run_prints_the_jobs_and_sends_nothing(hub, tmp_path, said, capsys):
    assert main([*JOBS, "--dry-run", "--out", str(tmp_path)]) == 0
    assert not hub.jobs and not hub.repos
    jobs = json.loads(capsys.readouterr().out)
    assert [job["name"] for job in jobs] == ["shard-1-of-2", "shard-2-of-2"]
    for number, job in enumerate(jobs, 1):
        script = job["command"][-1]
        assert f"train.on_jobs owner/name {number}/2 auto" in script
        assert f"--revision {on_jobs.REVISION}" in script
        assert job["timeout"] > 30 * 60 and job["flavor"] == "cpu-upgrade"
        assert TOKEN not in json.dumps(job)
    assert any("2 jobs on cpu-upgrade for 3 networks" in line for line in said)


def test_jobs_are_not_started_without_a_yes(hub, tmp_path, said, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert main([*JOBS, "--out", str(tmp_path)]) == 1
    assert not hub.jobs and not hub.repos


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--on", "jobs"], "--push"),
        (["--on", "jobs", "--push", REPO, "--shards", "0"], "--shards"),
        (["--on", "jobs", "--push", "name"], "owner/name"),
        (["--merge"], "needs a folder"),
    ],
)
def test_bad_options_end_with_2_and_one_line(arguments, word, hub, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*arguments, *TINY, "--out", str(tmp_path)])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert word in error and error.count("\n") == 1


def test_a_refused_commit_is_tried_again_and_nothing_is_lost(hub, networks, local):
    uploading.push(local, REPO, TOKEN, "Begin", ([],), repo_type="model")
    uploads = on_jobs.Uploads(REPO, TOKEN)
    for network in networks:
        uploads.add(network.trial, checkpoint.path_of(network.trial, local))
    hub.conflicts = on_jobs.TRIES
    with pytest.raises(Exception, match="412"):
        uploads.commit()
    assert len(uploads.waiting) == 3 and not hub.repos[REPO]
    hub.conflicts = 2
    uploads.commit()
    assert not uploads.waiting
    for path in local.iterdir():
        place = f"GN_l1=0_l2=0_batch=16/{path.name}"
        assert hub.content(hub.repos[REPO][place]) == path.read_bytes()


def test_a_source_has_all_that_a_job_imports(pace, hub, tmp_path):
    trials = [Trial("GN", 0.0, 0.0, 16), Trial("BN", 0.0, 0.0, 16)]
    plan = on_jobs.plan(trials, REPO, 1, "cpu-upgrade", pace, TOKEN)
    on_jobs.write_source(plan, tmp_path)
    source = tmp_path / on_jobs.SOURCE
    code = "from train import on_jobs, engines; from train.data import load; print(on_jobs.ROOT, len(load(on_jobs.ROOT / 'data').train.labels))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True
    )
    assert ran.stdout.split() == [str(source), "60000"], ran.stderr
    lines = (source / "requirements.txt").read_text().splitlines()
    assert len(lines) == len(on_jobs.PACKAGES.split())


@pytest.mark.slow
def test_jobs_train_their_shards_and_a_merge_writes_index_and_card(
    hub, tmp_path, said, monkeypatch
):
    out = tmp_path / "out"
    assert main([*JOBS, "--yes", "--out", str(out)]) == 0
    assert len(hub.jobs) == 2
    sent = hub.commits[REPO][-1]
    assert f"{on_jobs.SOURCE}/{on_jobs.PLAN}" in sent
    hub.conflicts = 1
    outputs = [run(job, hub, tmp_path) for job in hub.jobs]
    assert sum(output.count("trained  ") for output in outputs) == 3
    names = [path for path in hub.repos[REPO] if path.endswith(".safetensors")]
    assert len(names) == 3
    # A job that starts again trains nothing that has arrived.
    again = run(hub.jobs[0], hub, tmp_path)
    assert "trained  " not in again and "0 missing" in again
    assert main([*TINY, "--merge", "--push", REPO, "--out", str(out)]) == 0
    assert "3 networks added, 0 were there, 0 left out; the index has 3" in said
    assert {"README.md", index.NAME} <= hub.repos[REPO].keys()
    (tmp_path / "index").write_bytes(hub.content(hub.repos[REPO][index.NAME]))
    rows = index.read(tmp_path / "index").to_pylist()
    assert sorted(row["path"] for row in rows) == sorted(names)


def run(job: dict, hub, folder: Path) -> str:
    """Output of a job's command as the Hub would run it, but for the packages, which are there."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "pip").write_text("#!/bin/sh\n")
    (tools / "pip").chmod(0o755)
    here = Path(sys.executable).parent
    assert job["secrets"] == {"HF_TOKEN": TOKEN}
    environment = os.environ | job["secrets"] | {
        "PATH": f"{tools}:{here}:{os.environ['PATH']}",
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(folder / "job"),
        "HF_HUB_DISABLE_XET": "1",
    }  # fmt: skip
    ran = subprocess.run(
        job["command"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert not ran.returncode, ran.stderr
    return ran.stdout

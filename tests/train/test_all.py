"""The command line as a process: exit status, output, and files."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.awaiting import wait
from train import checkpoint, lock, show, sweep
from train.all import main
from train.data_sets import MNIST
from train.options import parse
from train.show import duration
from train.study import Trial, studies_on

SCRIPT = Path(__file__).parents[2] / "train" / "all.py"
QUICK = ("--train-images", "96", "--epochs", "1")
ENDLESS = ("--train-images", "20000", "--epochs", "500")


def start(*arguments, cwd, **options) -> subprocess.Popen:
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def run(*arguments, cwd) -> subprocess.CompletedProcess:
    process = start(*arguments, cwd=cwd)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.mark.skipif(
    not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("unshare")),
    reason="mounts a folder, which only root may",
)
def test_a_container_with_little_shared_memory_trains(tmp_path):
    command = [sys.executable, SCRIPT, "--only", "row7", *QUICK, "--out", tmp_path]
    mounted = 'mount -t tmpfs -o size=16m tmpfs /dev/shm && exec "$@"'
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mounted, "sh", *map(str, command)],
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert len(list(tmp_path.glob("*.safetensors"))) == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--norm", "XN"), "norm"),
        (("--batch-size", "0"), "batch_size"),
        (("--batch-size", "60001"), "batch_size"),
        (("--batch-size", "many"), "--batch-size"),
        (("--l1", "-1"), "l1"),
        (("--l2", "nan"), "l2"),
        (("--lr", "inf"), "lr"),
        (("--epochs", "0"), "epochs"),
        (("--seeds", "0"), "--seeds"),
        (("--seeds", "99999999"), "--seeds"),
        (("--workers", "0"), "--workers"),
        (("--shard", "3/2"), "--shard"),
        (("--only", "nothing-like-it"), "--only"),
        (("--study", "other"), "--study"),
        (("--momentums", "1"), "--momentums"),
        (("--out", "file/folder"), "--out"),
        (("--data", "file", "--out", "."), "file"),
    ],
)
def test_a_bad_value_ends_with_2_and_one_line(
    arguments, word, tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert word in output.err


def test_cuda_without_cuda_exits_2_with_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    result = run("--device", "cuda", "--out", ".", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "CUDA" in result.stderr


def chosen(*arguments) -> list[str]:
    return [trial.name for trial in parse(list(arguments))[1]]


def test_patterns_choose_by_name_or_by_published_row():
    assert len(chosen("--study", "published")) == 14 * 10
    assert chosen("--only", "row1", "row11") == [
        "GN_l1=0_l2=0_batch=128_seed=1",
        "BN_l1=4e-06_l2=1e-06_batch=128_seed=1",
    ]
    assert chosen("--study", "as-run", "--only", "row2", "--seeds", "2") == [
        "GN_l1=0_l2=0_batch=123_seed=1",
        "GN_l1=0_l2=0_batch=123_seed=2",
    ]
    assert len(chosen("--only", "bn")) == 4
    assert len(chosen("--study", "grid", "--only", "?N_l1=0_*batch=16_")) == 6 * 10


def test_without_flags_every_study_is_chosen_with_its_own_seeds():
    trials = set().union(*(study.runs for study in studies_on(MNIST)))
    assert set(parse([])[1]) == set(parse(["--study", "all"])[1]) == trials
    assert parse([])[1][: 14 * 10] == parse(["--study", "published"])[1]
    assert len(chosen()) == len(set(chosen()))
    configurations = {replace(trial, seed=1) for trial in trials}
    assert len(chosen("--seeds", "1")) == len(configurations)
    assert len(chosen("--study", "learning-rate", "--seeds", "7")) == 24 * 7


def test_a_try_is_one_seed_of_the_published_rows():
    assert len(chosen("--only", "row1")) == 1
    assert len(chosen("--epochs", "1")) == 14
    assert len(chosen("--epochs", "1", "--seeds", "3")) == 14 * 3
    assert len(chosen("--epochs", "1", "--study", "dose")) == 3 * 10


def test_a_listing_counts_the_networks_of_every_study():
    done = {Trial("GN", 0.0, 0.0, 128): None}
    missing = [Trial("GN", 0.0, 0.0, 128, seed=2), Trial("LN", 1.25e-5, 0.0, 16)]
    assert list(show.studies(done, missing)) == [
        "published: 1 of 2 networks exist",
        "as-run: 1 of 2 networks exist",
        "grid: 1 of 2 networks exist",
        "dose: 0 of 1 networks exist",
    ]


def test_the_cost_says_which_share_of_it_hardly_changes_a_network():
    """The published schedule decays by 0.09 after epochs 14, 16, 18 and 20 of 25."""
    trial = Trial("GN", 0.0, 0.0, 128)
    assert show.faint_epochs([replace(trial, epochs=20)]) == []
    [line] = show.faint_epochs([trial])
    assert line.startswith("20% of the epochs are the last ones")


def test_a_changed_hyperparameter_changes_every_chosen_trial_once():
    names = chosen("--only", "BN", "--batch-size", "256", "--l2", "0.5")
    assert names == ["BN_l1=4e-06_l2=0.5_batch=256_seed=1"]


def test_missing_trials_are_trained_and_existing_ones_are_skipped(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    arguments = ("--only", "row1", "row11", *QUICK, "--out", "new/folder")
    first = run(*arguments, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("trained  ") == 2
    files = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "new/folder").iterdir()
    }
    assert len(files) == 2
    assert main(list(arguments)) == 0
    second = capsys.readouterr().out
    assert "trained  " not in second
    assert "GN_l1=0_l2=0_batch=128" in second  # the table
    assert {
        path: path.stat().st_mtime_ns for path in (tmp_path / "new/folder").iterdir()
    } == files

    next(iter(files)).write_bytes(b"damaged")
    partial = tmp_path / "new/folder/.old.safetensors.1.partial"
    partial.write_text("")
    os.utime(partial, (0, 0))
    assert main([*arguments, "--seeds", "2", "--list"]) == 0
    listed = capsys.readouterr().out
    assert "counts as missing" in listed
    assert listed.count("exists ") == 1
    assert listed.count("missing  ") == 3
    assert "1 exist, 3 missing\n" in listed
    assert re.search(
        r"about \d+ s to train what is missing, on cpu, \d+ at once", listed
    )
    assert "of the epochs are the last ones" not in listed  # of one epoch
    assert main(list(arguments)) == 0
    assert not partial.exists()
    assert all(checkpoint.load(path) for path in files)


def test_shards_resume_and_merge_to_what_one_run_trains(tmp_path, capsys):
    chosen = ("--only", "row1", "row7", "row11", *QUICK)
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert main([*chosen, "--out", str(whole)]) == 0
    # A network that exists belongs to no shard.
    assert main(["--only", "row1", *QUICK, "--out", str(out)]) == 0
    capsys.readouterr()
    folders = []
    for number in (1, 2):
        arguments = [*chosen, "--out", str(out), "--shard", f"{number}/2"]
        assert main(arguments) == 0
        assert capsys.readouterr().out.count("trained  ") == 1
        folders.append(tmp_path / f"out-{number}-of-2")
        assert len(list(folders[-1].iterdir())) == 1
        assert main(arguments) == 0  # again: its own network exists
        assert "trained  " not in capsys.readouterr().out
    assert len(list(out.iterdir())) == 1
    assert main([*chosen, "--out", str(out), "--merge", *map(str, folders)]) == 0
    assert "3 exist, 0 missing" in capsys.readouterr().out
    for path in whole.iterdir():
        one, other = checkpoint.load(path), checkpoint.load(out / path.name)
        assert one.test_digits == other.test_digits
        assert all(one.state[name].equal(other.state[name]) for name in one.state)


def test_a_diverging_trial_is_recorded_and_the_sweep_goes_on(
    tmp_path, monkeypatch, capsys
):
    arguments = (*QUICK, "--epochs", "3", "--lr", "1e30", "--lr-decay", "1")
    monkeypatch.chdir(tmp_path)
    assert main(["--only", "row11", "row12", *arguments, "--out", "."]) == 0
    assert capsys.readouterr().out.count("diverged in epoch") == 2
    summaries = [checkpoint.load(path).summary for path in tmp_path.iterdir()]
    assert [bool(summary["diverged"]) for summary in summaries] == [True, True]


# The parent process may ignore SIGINT, as a shell does for background jobs, and children inherit that.
INTERRUPTIBLE = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def alive(group: int) -> int:
    """Number of processes of a process group, without zombies."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        count += int(fields[2]) == group and fields[0] != "Z"
    return count


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"
)
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_sweep_is_resumed(sent, tmp_path, monkeypatch, capsys):
    """The sweep ends with one trial finished and one within an epoch; the next run trains the rest."""
    monkeypatch.chdir(tmp_path)
    assert main(["--only", "row1", *QUICK, "--out", "."]) == 0
    finished = {path: path.read_bytes() for path in tmp_path.iterdir()}
    log = tmp_path.parent / f"{tmp_path.name}.log"
    with log.open("w") as file:
        command = [sys.executable, SCRIPT, "--only", "row11", *ENDLESS, "--out", "."]
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE, *command],
            cwd=tmp_path,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        wait(lambda: alive(process.pid) > 1)  # its worker too
        if sent == signal.SIGINT:
            os.killpg(process.pid, sent)  # as a terminal does
            assert process.wait(timeout=120) == 130
            assert "Traceback" not in log.read_text()
        else:
            process.kill()
            process.wait()
        wait(lambda: not alive(process.pid))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    # A killed process leaves the file of its lock, which the next sweep removes.
    left = (path for path in tmp_path.iterdir() if path.suffix != lock.SUFFIX)
    assert {path: path.read_bytes() for path in left} == finished
    capsys.readouterr()
    assert main(["--only", "row1", "row11", *QUICK, "--out", "."]) == 0
    assert capsys.readouterr().out.count("trained  ") == 1
    assert len(list(tmp_path.iterdir())) == 2
    assert all(path.read_bytes() == content for path, content in finished.items())


def test_an_interrupt_is_held_back_while_a_worker_starts_whichever_thread_takes_it():
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)  # does not mask the signal
    other.start()
    steps = []
    # A server that ran in this process before may have left its own.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), sweep._interrupt_held():
            os.kill(os.getpid(), signal.SIGINT)
            ended.wait(0.2)
            steps.append("started")
    finally:
        ended.set()
        signal.signal(signal.SIGINT, handler)
    assert steps == ["started"]


def test_durations_have_fitting_units():
    assert [duration(s) for s in (0.4, 61, 3600, 9000)] == [
        "0 s",
        "1 min 1 s",
        "1 h 0 min",
        "2 h 30 min",
    ]

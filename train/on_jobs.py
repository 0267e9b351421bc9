"""Jobs of the Hugging Face Hub: shards on hired machines, which push what they finish to a model repository.

`submit` sends the source and starts the jobs; `python -m train.on_jobs OWNER/NAME I/N DEVICE` is the program of a job.
"""

import json
import random
import re
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError

from train import checkpoint, hub, show
from train.data import load
from train.data_sets import MNIST
from train.hub import HubError
from train.pace import Pace
from train.repository import place_of
from train.shard import Shard
from train.study import Trial
from train.sweep import Local

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "source"  # folder of the program in the repository
PLAN = "trials.json"  # missing trials, in the source: every shard sees the same, also when it starts again
IMAGE = "python:3.12"
PACKAGES = "torch safetensors pyarrow huggingface_hub numpy scipy numba llvmlite rich"
PREPARING = 15 * 60  # seconds of a job before it trains: packages, source, kernels
MARGIN = 2  # the time limit, as a multiple of the estimated time
PUSH_EVERY = 300  # seconds between two commits of a job
TRIES = 8  # of a commit
REVISION = "REVISION"  # of the source, in submissions that are only shown


@dataclass(frozen=True)
class Plan:
    """Jobs for missing trials: shards of a number, on a kind of machine, with its cost."""

    repo: str
    trials: list[Trial]
    shards: int
    flavor: str
    seconds: float  # estimated, of the longest shard
    dollars: float  # estimated, of all shards

    @property
    def timeout(self) -> int:
        """Seconds after which a job is ended."""
        return round(MARGIN * self.seconds)

    def submissions(self, revision: str) -> list[dict]:
        """Arguments of `HfApi.run_job` for every shard, without the token."""
        return [
            {
                "image": IMAGE,
                "command": ["bash", "-ec", self._script(number, revision)],
                "flavor": self.flavor,
                "timeout": self.timeout,
                "name": f"shard-{number}-of-{self.shards}",
                "namespace": self.repo.partition("/")[0],
            }
            for number in range(1, self.shards + 1)
        ]

    def _script(self, number: int, revision: str) -> str:
        repo = shlex.quote(self.repo)
        return "\n".join(
            (
                "pip install -q huggingface_hub",
                f"hf download {repo} --revision {revision} --include '{SOURCE}/*' --local-dir study",
                f"cd study/{SOURCE}",
                "pip install -q -r requirements.txt",
                f"python -m train.on_jobs {repo} {number}/{self.shards} auto",
            )
        )


def plan(
    trials: Sequence[Trial], repo: str, shards: int, flavor: str, pace: Pace, token: str
) -> Plan:
    """Plan with the Hub's price of the flavor. Raises `HubError`.

    The time is that of the flavor's cores, each as fast as one of this machine: more than a GPU takes.
    """
    try:
        offers = {one.name: one for one in HfApi(token=token).list_jobs_hardware()}
    except Exception as error:  # of the HTTP client, too
        raise HubError(
            f"The prices of Jobs cannot be read ({hub.message_of(error)})."
        ) from error
    if flavor not in offers:
        raise HubError(f"--flavor must be one of {', '.join(offers)}; got {flavor!r}.")
    offer = offers[flavor]
    assert offer.unit_label == "minute", offer
    cores = int(re.findall("[0-9]+", offer.cpu)[0])
    parts = [Shard(number, shards).of(trials) for number in range(1, shards + 1)]
    seconds = [PREPARING + (pace.left({}, part, cores) or 0) for part in parts]
    dollars = sum(seconds) / 60 * offer.unit_cost_usd
    return Plan(repo, list(trials), shards, flavor, max(seconds), dollars)


def describe(plan: Plan) -> list[str]:
    """Lines with the number, the time and the cost of the jobs."""
    time = show.duration(plan.seconds)
    return [
        f"{plan.shards} jobs on {plan.flavor} for {len(plan.trials)} networks: about {time} each, ${plan.dollars:.2f} in all",
        f"a job is ended after {show.duration(plan.timeout)}, which would be ${MARGIN * plan.dollars:.2f} in all",
        *show.faint_epochs(plan.trials),
    ]


def write_source(plan: Plan, folder: Path):
    """Fills a folder with what a job needs: the program, the digits, the names of packages, and the missing trials."""
    source = folder / SOURCE
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "train", source / "train", ignore=caches)
    for raw in {Path("data", trial.data.reader, "raw") for trial in plan.trials}:
        (source / raw).mkdir(parents=True)
        for path in (ROOT / raw).glob("*.gz"):
            shutil.copy(path, source / raw)
    wanted = PACKAGES.split()
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    kept = [line for line in lines if re.split("[<>=]", line)[0] in wanted]
    (source / "requirements.txt").write_text("\n".join(kept) + "\n")
    trials = [trial.to_dict() for trial in plan.trials]
    (source / PLAN).write_text(json.dumps(trials))


def submit(plan: Plan, token: str) -> list[str]:
    """Pushes the source, starts the jobs from that commit, and returns their addresses. Raises `HubError`."""
    api = HfApi(token=token)
    with tempfile.TemporaryDirectory() as name:
        write_source(plan, Path(name))
        hub.push(Path(name), plan.repo, token, "Update the source", repo_type="model")
    jobs: list[str] = []
    try:
        revision = api.model_info(plan.repo).sha
        assert revision
        for submission in plan.submissions(revision):
            job = api.run_job(**submission, secrets={"HF_TOKEN": token})
            jobs.append(job.url)
    except HfHubHTTPError as error:
        said = f"{len(jobs)} of {plan.shards} jobs were started. "
        raise HubError(said + hub.refused(error, plan.repo)) from error
    return jobs


class Uploads:
    """Files of a job that are not yet in the repository."""

    def __init__(self, repo: str, token: str):
        self.repo, self.api = repo, HfApi(token=token)
        self.waiting: list[tuple[Trial, Path]] = []
        self.last = time.monotonic()

    def add(self, trial: Trial, path: Path):
        """Notes a file; commits all that wait, every `PUSH_EVERY` seconds. What the Hub refuses waits for the next commit."""
        self.waiting.append((trial, path))
        if time.monotonic() - self.last > PUSH_EVERY:
            try:
                self.commit()
            except Exception as error:  # of the HTTP client and of hf_xet, too
                show.lines([f"not yet uploaded: {hub.message_of(error)}"])

    def commit(self):
        """Commits what waits; a refused commit is tried again, as other shards commit to the same branch."""
        self.last = time.monotonic()
        if not self.waiting:
            return
        added = [
            CommitOperationAdd(place_of(trial), path) for trial, path in self.waiting
        ]
        message = f"Add {len(added)} networks"
        tried(lambda: self.api.create_commit(self.repo, added, commit_message=message))
        self.waiting.clear()


def tried(commit: Callable):
    """Result of a commit, which is tried `TRIES` times, at growing random intervals."""
    for number in range(1, TRIES + 1):
        try:
            return commit()
        except Exception as error:
            status = hub.status_of(hub.cause_of(error))
            if number == TRIES or status in (400, 401, 402, 403, 404):
                raise
            time.sleep(random.uniform(1, 2**number))


def work(repo: str, shard: Shard, device: str, root: Path = ROOT) -> int:
    """Trains the trials of a shard that the repository lacks, and pushes them; 1 if a trial failed."""
    token = hub.credentials(repo)
    planned = json.loads((root / PLAN).read_text())
    trials = shard.of(Trial.from_dict(values) for values in planned)
    there = set(HfApi(token=token).list_repo_files(repo))
    missing = [trial for trial in trials if place_of(trial) not in there]
    place = Local(load(root / "data", trials[0].data if trials else MNIST))
    device, notes = place.prepare(device)
    show.lines([*notes, f"{len(trials) - len(missing)} exist, {len(missing)} missing"])
    failed, uploads = 0, Uploads(repo, token)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(place.sweep(missing, folder, device)) as events:
            for event in events:
                if event.finished:
                    uploads.add(event.trial, checkpoint.path_of(event.trial, folder))
                    show.lines([f"trained  {event.trial.name}"])
                elif event.failed:
                    failed += 1
                    show.lines([f"failed   {event.trial.name}: {event.failed}"])
        uploads.commit()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(work(sys.argv[1], Shard.parse(sys.argv[2]), sys.argv[3]))

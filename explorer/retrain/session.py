"""Sessions: networks that a visitor trained or loaded, kept in memory while the page is open and shown to nobody else."""

import math
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from explorer.network import misclassified
from explorer.runs.ensemble import Stack
from explorer.runs.results import CURVES, Results, describe, test_split
from train.checkpoint import STOPPED, Checkpoint, CheckpointError
from train.errors import UserError
from train.study import Trial

MAX_NETWORKS = 8  # of a session: a further one takes the place of the oldest
MAX_SESSIONS = 200  # that have networks
MAX_PAGES = 5000  # open pages whose sessions are protected
GRACE_SECONDS = 60  # a session outlives its page by these: the page may be reloading
IDLE_SECONDS = 3600  # after which the session of an open page may be dropped
VERIFIED_IMAGES = 500  # test digits on which a loaded network is checked
PREFIX = "own-"  # of the names of a session's networks; no trial's name has it


@dataclass(frozen=True, eq=False)
class SessionNetworks:
    """Networks of a session at one time: checkpoints by name, the oldest first."""

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)

    @cached_property
    def stack(self) -> Stack:
        """All networks stacked for one forward pass."""
        return Stack(list(self.checkpoints.values()))

    def labels(self) -> dict[str, str]:
        """Labels by name: "yours 1: GN, batch 128, 1 epoch, seed 1"."""
        return {
            name: f"yours {name.removeprefix(PREFIX)}: {title(checkpoint)}"
            for name, checkpoint in self.checkpoints.items()
        }

    def history(self) -> pd.DataFrame:
        """A row per network and epoch, with the columns of `Results.history`; `name` is the label. See `rows_of`."""
        labels = self.labels()
        rows = [
            {"name": labels[name], "norm": checkpoint.trial.norm, **row}
            for name, checkpoint in self.checkpoints.items()
            for row in rows_of(checkpoint)
        ]
        return pd.DataFrame(rows, columns=["name", "norm", *CURVES])


EMPTY = SessionNetworks()


def rows_of(checkpoint: Checkpoint) -> list[dict]:
    """Rows of a network's history; `epoch` of an epoch that was stopped is a fraction: 1.24."""
    *whole, last = checkpoint.history
    if stopped := checkpoint.summary.get(STOPPED):
        trial = checkpoint.trial
        batches = math.ceil(trial.train_images / trial.batch_size)
        last = last | {"epoch": round(stopped / batches, 2)}
    return [*whole, last]


def verified(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint of a loaded file, if its network reads the test digits that the file says and has its accuracy.

    Raises `CheckpointError`, its message a sentence, and `DataError`.
    """
    split, read = test_split(), misclassified.answers_of(checkpoint)
    probs = Stack([checkpoint]).probs(split.images[:VERIFIED_IMAGES])[0]
    if not probs.isfinite().all():
        raise CheckpointError("Its network answers with values that are not numbers.")
    agree = (probs.argmax(1).numpy() == read[:VERIFIED_IMAGES]).mean()
    accuracy = (read == split.labels.numpy()).mean()
    stated = checkpoint.summary["last"]["test_acc"]
    if agree < 0.99 or abs(accuracy - stated) > 1e-6:  # engines round differently
        raise CheckpointError("Its network does not read what the file says.")
    return checkpoint


class Session:
    """Networks of one visitor, and the time of the last addition."""

    def __init__(self):
        self.networks = EMPTY
        self.runs: list[Checkpoint] = []  # all ever added, without weights and answers
        self.used = time.monotonic()
        self._count = 0

    def add(self, checkpoint: Checkpoint) -> str:
        """Keeps a network; returns its name in this session."""
        self._count += 1
        name = f"{PREFIX}{self._count}"
        kept = list(self.networks.checkpoints.items())[-(MAX_NETWORKS - 1) :]
        self.networks = SessionNetworks(dict([*kept, (name, checkpoint)]))
        self.runs.append(replace(checkpoint, state={}, test_digits=""))
        return name

    def remove(self, name: str):
        items = self.networks.checkpoints.items()
        self.networks = SessionNetworks(
            {key: kept for key, kept in items if key != name}
        )


class Sessions:
    """All sessions that have networks, by the secret that each page draws at random."""

    def __init__(self):
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._pages: dict[str, str] = {}  # secrets by Gradio's session hash
        self._closed: dict[str, float] = {}  # when the last page of a secret was closed
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, page: str, secret: str):
        """Notes an opened page, `page` being Gradio's session hash: its session is protected while the page is open."""
        if not is_secret(secret):
            return
        with self._lock:
            self._closed.pop(secret, None)
            if len(self._pages) < MAX_PAGES:
                self._pages[page] = secret

    def end(self, page: str):
        """Notes a closed page: its session ends in `GRACE_SECONDS`, unless a page with the same secret is open by then."""
        with self._lock:
            secret = self._pages.pop(page, None)
            if secret and secret not in self._pages.values():
                self._closed[secret] = time.monotonic()
            self._sweep()

    def add(self, secret: str, checkpoint: Checkpoint) -> str:
        """Keeps a network of a page; returns its name in the page's session. Raises `UserError` where it cannot be kept."""
        check_secret(secret)
        with self._lock:
            self._sweep()
            if secret not in self._sessions:
                self._make_room()
                self._sessions[secret] = Session()
            self._sessions.move_to_end(secret)
            session = self._sessions[secret]
            session.used = time.monotonic()
            return session.add(checkpoint)

    def remove(self, secret: str, name: str):
        """Drops a network of a page's session. Raises `UserError` where `secret` is none."""
        check_secret(secret)
        with self._lock:
            if session := self._sessions.get(secret):
                session.remove(name)

    def _sweep(self):
        """Drops the sessions whose pages were closed more than `GRACE_SECONDS` ago."""
        now = time.monotonic()
        ended = [key for key, at in self._closed.items() if now - at > GRACE_SECONDS]
        for secret in ended:
            del self._closed[secret]
            self._sessions.pop(secret, None)

    def _make_room(self):
        """Drops the oldest session that is empty, idle or without an open page, if all places are taken.

        Raises `UserError` where there is no such session.
        """
        if len(self._sessions) < MAX_SESSIONS:
            return
        opened, now = set(self._pages.values()), time.monotonic()
        for secret, session in self._sessions.items():
            is_idle = now - session.used > IDLE_SECONDS
            if secret not in opened or is_idle or not session.networks.checkpoints:
                del self._sessions[secret]
                return
        raise UserError("Too many visitors keep networks now: try again later.")

    def networks(self, secret) -> SessionNetworks:
        """The networks of a page's session; `EMPTY` where it has none."""
        with self._lock:
            self._sweep()
            session = self._sessions.get(secret) if is_secret(secret) else None
        return session.networks if session else EMPTY

    def runs(self, secret: str, trial: Trial) -> list[Checkpoint]:
        """Runs of a trial's configuration in the order in which they were finished, without weights and answers.

        Networks that were removed, or gave way to further ones, are among them: a verdict that a visitor looks at again and again
        holds only if no run can be left out.
        """
        with self._lock:
            session = self._sessions.get(secret)
            runs = session.runs if session else []
            return [run for run in runs if run.trial.config == trial.config]


def check_secret(secret):
    """Raises `UserError` where `secret` is no secret of a page."""
    if not is_secret(secret):
        raise UserError("The page does not say whose visit this is: reload it.")


def is_secret(text) -> bool:
    return isinstance(text, str) and bool(re.fullmatch("[0-9a-f]{32}", text))


SESSIONS = Sessions()


def find(results: Results, question: dict, name: str) -> Checkpoint:
    """The network of a name: one of the session of the page that asks, or a finished trial. Raises `UserError`."""
    if isinstance(name, str) and name.startswith(PREFIX):
        checkpoints = SESSIONS.networks(question.get("visit")).checkpoints
        if name not in checkpoints:
            raise UserError("That network of yours is gone: train or load it again.")
        return checkpoints[name]
    return misclassified.find(results, name)


def label_of(question: dict, checkpoint: Checkpoint) -> str:
    """Label of a network: "yours 1: ..." in the session of the page that asks, else "GN, batch 128, seed 1"."""
    networks = SESSIONS.networks(question.get("visit"))
    for name, other in networks.checkpoints.items():
        if other is checkpoint:
            return networks.labels()[name]
    return f"{describe(checkpoint.trial)}, seed {checkpoint.trial.seed}"


def title(checkpoint: Checkpoint) -> str:
    """Configuration and seed of a network, and how its training ended early: "GN, batch 128, lr 0.1, 1 epoch, seed 1"."""
    parts = [describe(checkpoint.trial), f"seed {checkpoint.trial.seed}"]
    if batches := checkpoint.summary.get(STOPPED):
        parts.append(f"stopped after {batches:,} batches")
    if checkpoint.summary["diverged"]:
        parts.append(f"diverged in epoch {checkpoint.summary['diverged']}")
    return ", ".join(parts)

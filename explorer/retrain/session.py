"""Sessions: networks that a visitor trained or loaded, kept in memory while the page is heard of and shown to nobody else.

A page keeps its own copies and hands them back where the server has lost its own: nothing here has to outlive a restart.
"""

import json
import math
import re
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from explorer.network import misclassified
from explorer.runs.descriptions import describe
from explorer.runs.ensemble import Stack
from explorer.runs.results import CURVES, Results, test_split
from train.checkpoint import STOPPED, Checkpoint, CheckpointError
from train.data_sets import MNIST
from train.errors import UserError
from train.study import Trial

MAX_NETWORKS = 8  # of a session: a further one takes the place of the oldest
MAX_SESSIONS = 200  # a further one takes the place of the one not heard of for longest
MAX_RUNS = 400  # of a session, of which histories are kept: a further one takes the place of the oldest
MAX_ALL_RUNS = (
    10_000  # of all sessions: beyond it goes the one not heard of for longest
)
KEPT_SECONDS = 600  # a session outlives the last word of its page by these
DIFFERENT = 5  # of the 10,000 test digits, which engines that round differently may read differently
MAX_NUMBER = 999_999
PREFIX = "own-"  # of the names of a session's networks; no trial's name has it


class NetworksMissing(UserError):
    """Error for networks of a page that its session lacks, `names`: the page may hand them back and ask again."""

    def __init__(self, names: Iterable[str]):
        super().__init__("That network of yours is gone: train or load it again.")
        self.names = [*names]


@dataclass(frozen=True, eq=False)
class SessionNetworks:
    """Networks of a session at one time: checkpoints by name, the oldest first, and the names of those that this explorer trained."""

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    trained: frozenset[str] = frozenset()

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
    """The checkpoint of a loaded file, if it is of MNIST and its network reads the test digits as the file says.

    Raises `CheckpointError`, its message a sentence, and `DataError`.
    """
    if checkpoint.trial.data is not MNIST:
        raise CheckpointError(
            f"Its network is of {checkpoint.trial.data_set}; only networks of {MNIST.name} can be loaded."
        )
    split, read = (
        test_split(checkpoint.trial.data),
        misclassified.answers_of(checkpoint),
    )
    probs = Stack([checkpoint]).probs(split.images)[0]
    if not probs.isfinite().all():
        raise CheckpointError("Its network answers with values that are not numbers.")
    differing = (probs.argmax(1).numpy() != read).sum()
    accuracy = (read == split.labels.numpy()).mean()
    stated = checkpoint.summary["last"]["test_acc"]
    if differing > DIFFERENT or abs(accuracy - stated) > 1e-6:
        raise CheckpointError("Its network does not read what the file says.")
    return checkpoint


class Session:
    """Networks of one visitor, and the time of the last word of the visitor's page."""

    def __init__(self):
        self.networks = EMPTY
        self.heard = time.monotonic()
        # All networks so far, without weights, and their histories, compressed.
        self._runs: dict[int, tuple[Checkpoint, bytes]] = {}
        self._last = 0  # number of the newest network

    @property
    def runs(self) -> list[Checkpoint]:
        return [
            replace(run, history=json.loads(zlib.decompress(history)))
            for _, (run, history) in sorted(self._runs.items())
        ]

    def __len__(self) -> int:
        """Number of runs."""
        return len(self._runs)

    def add(self, checkpoint: Checkpoint, trained: bool, above: int) -> str:
        """Keeps a network under a new name, whose number is above `above`; returns the name."""
        name = f"{PREFIX}{max(self._last, above) + 1}"
        self.put(name, checkpoint, trained)
        return name

    def put(self, name: str, checkpoint: Checkpoint, trained: bool):
        number = number_of(name)
        self._last = max(self._last, number)
        history = zlib.compress(json.dumps(checkpoint.history).encode())
        run = replace(checkpoint, state={}, test_digits="", history=[])
        self._runs[number] = run, history
        if len(self._runs) > MAX_RUNS:
            del self._runs[min(self._runs)]
        items = [*self.networks.checkpoints.items(), (name, checkpoint)]
        ours = self.networks.trained | ({name} if trained else set())
        kept = sorted(items, key=lambda item: number_of(item[0]))[-MAX_NETWORKS:]
        self.networks = SessionNetworks(dict(kept), ours & dict(kept).keys())

    def remove(self, name: str):
        kept = {
            key: network
            for key, network in self.networks.checkpoints.items()
            if key != name
        }
        self.networks = SessionNetworks(kept, self.networks.trained & kept.keys())


class Sessions:
    """All sessions that have networks, by the secret that each page draws at random; the one heard of last is the last."""

    def __init__(self):
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def add(
        self, secret: str, checkpoint: Checkpoint, trained: bool, above: int = 0
    ) -> str:
        """Keeps a network of a page; returns its name in the page's session, with a number above `above`.

        Raises `UserError` where `secret` is none, or `above` no number.
        """
        if not 0 <= above <= MAX_NUMBER:
            raise UserError("That is no number of a network of yours.")
        with self._lock:
            return self._begun(secret).add(checkpoint, trained, above)

    def put_back(self, secret: str, name: str, checkpoint: Checkpoint, trained: bool):
        """Keeps a network that the page hands back under its name, unless it is there. Raises `UserError` where `secret` or `name` is none."""
        if not is_name(name):
            raise UserError("That is no name of a network of yours.")
        with self._lock:
            session = self._begun(secret)
            if name not in session.networks.checkpoints:
                session.put(name, checkpoint, trained)

    def remove(self, secret: str, name: str):
        """Drops a network of a page's session. Raises `UserError` where `secret` is none."""
        check_secret(secret)
        with self._lock:
            if (session := self._heard(secret)) is not None:
                session.remove(name)

    def networks(self, secret) -> SessionNetworks:
        """The networks of a page's session; `EMPTY` where it has none. Every question is a word of the page."""
        with self._lock:
            session = self._heard(secret)
        return EMPTY if session is None else session.networks

    def runs(self, secret: str, trial: Trial) -> list[Checkpoint]:
        """Runs of a trial's configuration in the order in which they were finished, without weights and answers.

        Networks that were removed, or gave way to further ones, are among them: a verdict that a visitor looks at again and again
        holds only if no run can be left out.
        """
        with self._lock:
            session = self._heard(secret)
            runs = session.runs if session is not None else []
            return [run for run in runs if run.trial.config == trial.config]

    def _begun(self, secret: str) -> Session:
        """The session of a page, which begins where there is none. Raises `UserError` where `secret` is none."""
        check_secret(secret)
        session = self._heard(secret)
        if session is None:
            session = self._sessions[secret] = Session()
        runs = sum(map(len, self._sessions.values()))
        while len(self._sessions) > MAX_SESSIONS or runs >= MAX_ALL_RUNS:
            if next(iter(self._sessions.values())) is session:  # the last as well
                break
            _, silent = self._sessions.popitem(last=False)
            runs -= len(silent)  # its page hands its networks back
        return session

    def _heard(self, secret) -> Session | None:
        """The session of a page that says something now; drops those whose pages said nothing for `KEPT_SECONDS`."""
        now = time.monotonic()
        while self._sessions:
            oldest = next(iter(self._sessions.values()))
            if now - oldest.heard <= KEPT_SECONDS:
                break
            self._sessions.popitem(last=False)
        session = self._sessions.get(secret) if is_secret(secret) else None
        if session is not None:
            session.heard = now
            self._sessions.move_to_end(secret)
        return session


def check_secret(secret):
    """Raises `UserError` where `secret` is no secret of a page."""
    if not is_secret(secret):
        raise UserError("The page does not say whose visit this is: reload it.")


def is_secret(text) -> bool:
    return isinstance(text, str) and bool(re.fullmatch("[0-9a-f]{32}", text))


def is_name(text) -> bool:
    return isinstance(text, str) and bool(
        re.fullmatch(rf"{PREFIX}[1-9]\d{{0,6}}", text)
    )


def number_of(name: str) -> int:
    return int(name.removeprefix(PREFIX))


SESSIONS = Sessions()


def own(question: dict) -> SessionNetworks:
    """The networks of the page that asks. Raises `NetworksMissing` where it names some, as `own`, that its session lacks."""
    networks = SESSIONS.networks(question.get("visit"))
    if lacking := missing(networks, question.get("own")):
        raise NetworksMissing(lacking)
    return networks


def missing(networks: SessionNetworks, names) -> list[str]:
    """Those of `names` that are not among a session's networks."""
    wanted = names if isinstance(names, list) else []
    return [
        name for name in wanted if is_name(name) and name not in networks.checkpoints
    ]


def find(results: Results, question: dict, name: str) -> Checkpoint:
    """The network of a name: one of the session of the page that asks, or a finished trial. Raises `UserError`, of a page's own network `NetworksMissing`."""
    if isinstance(name, str) and name.startswith(PREFIX):
        checkpoints = SESSIONS.networks(question.get("visit")).checkpoints
        if name not in checkpoints:
            raise NetworksMissing([name])
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
    if checkpoint.claimed:
        parts.append("as its file claims")
    return ", ".join(parts)

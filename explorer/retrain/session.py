"""Networks that a visitor trained or loaded: kept in memory while the page is open, and for nobody else."""

import math
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from explorer.network import misclassified
from explorer.runs.ensemble import Stack
from explorer.runs.results import CURVES, Results, describe, test_split
from train.checkpoint import STOPPED, Checkpoint, CheckpointError
from train.errors import UserError

MOST = 8  # networks of a visit: a further one takes the place of the oldest
MOST_VISITS = 200  # with networks
MOST_PAGES = 5000  # open at once; what further ones keep may have to make room
LEFT = 60  # seconds that a visit outlives its page, which may be on its way back
QUIET = 3600  # seconds after which an open page may lose what it kept to others
SOME = 500  # test digits that a network from a file has to read as it says
PREFIX = "own-"  # of the names of a visit's networks, which no trial has


@dataclass(frozen=True, eq=False)
class Shelf:
    """The networks of a visit at one moment, by name, in the order in which they came."""

    networks: dict[str, Checkpoint] = field(default_factory=dict)

    @cached_property
    def stack(self) -> Stack:
        """All of them as one network."""
        return Stack(list(self.networks.values()))

    def words(self) -> dict[str, str]:
        """What each is called: "yours 1: GN, batch 128, 1 epoch, seed 1"."""
        return {
            name: f"yours {name.removeprefix(PREFIX)}: {title(found)}"
            for name, found in self.networks.items()
        }

    def history(self) -> pd.DataFrame:
        """A row per network and epoch, as `Results.history`, by the networks' words; see `rows_of`."""
        words = self.words()
        rows = [
            {"name": words[name], "norm": found.trial.norm, **row}
            for name, found in self.networks.items()
            for row in rows_of(found)
        ]
        return pd.DataFrame(rows, columns=["name", "norm", *CURVES])


EMPTY = Shelf()


def rows_of(found: Checkpoint) -> list[dict]:
    """The history of a network; where it was stopped within an epoch, that one's `epoch` is the part that was done: 1.24."""
    *whole, last = found.history
    if stopped := found.summary.get(STOPPED):
        trial = found.trial
        batches = math.ceil(trial.train_images / trial.batch_size)
        last = last | {"epoch": round(stopped / batches, 2)}
    return [*whole, last]


def verified(found: Checkpoint) -> Checkpoint:
    """A network that came as a file, if it is what its file says: it reads some test digits as told, and is as good as told.

    Raises `CheckpointError`, its message a sentence, and `DataError`.
    """
    split, read = test_split(), misclassified.answers_of(found)
    probs = Stack([found]).probs(split.images[:SOME])[0]
    if not probs.isfinite().all():
        raise CheckpointError("Its network answers with what are no numbers.")
    agree = (probs.argmax(1).numpy() == read[:SOME]).mean()
    accuracy = (read == split.labels.numpy()).mean()
    told = found.summary["last"]["test_acc"]
    if agree < 0.99 or abs(accuracy - told) > 1e-6:  # engines round differently
        raise CheckpointError("Its network does not read what the file says.")
    return found


class Visit:
    """A visitor's networks."""

    def __init__(self):
        self.shelf = EMPTY
        self.used = time.monotonic()
        self._count = 0

    def add(self, found: Checkpoint) -> str:
        """Keeps a network; returns its name in this visit."""
        self._count += 1
        name = f"{PREFIX}{self._count}"
        kept = list(self.shelf.networks.items())[-(MOST - 1) :]
        self.shelf = Shelf(dict([*kept, (name, found)]))
        return name

    def remove(self, name: str):
        others = self.shelf.networks.items()
        self.shelf = Shelf({key: found for key, found in others if key != name})


class Visits:
    """All visits with something to keep, by the secret that each page makes for itself."""

    def __init__(self):
        self._visits: OrderedDict[str, Visit] = OrderedDict()
        self._pages: dict[str, str] = {}  # the secret of each of Gradio's sessions
        self._left: dict[str, float] = {}  # when the last page of a secret was closed
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._visits)

    def begin(self, session: str, secret: str):
        """A page was opened: while it is, nobody else's visit takes the place of its own."""
        if not is_secret(secret):
            return
        with self._lock:
            self._left.pop(secret, None)
            if len(self._pages) < MOST_PAGES:
                self._pages[session] = secret

    def end(self, session: str):
        """A page was closed: what it kept is gone in `LEFT` seconds, unless a page with its secret is opened before."""
        with self._lock:
            secret = self._pages.pop(session, None)
            if secret and secret not in self._pages.values():
                self._left[secret] = time.monotonic()
            self._sweep()

    def add(self, secret: str, found: Checkpoint) -> str:
        """Keeps a network of a page; returns its name in the page's visit. Raises `UserError` where it cannot be kept."""
        check_secret(secret)
        with self._lock:
            self._sweep()
            if secret not in self._visits:
                self._make_room()
                self._visits[secret] = Visit()
            self._visits.move_to_end(secret)
            visit = self._visits[secret]
            visit.used = time.monotonic()
            return visit.add(found)

    def remove(self, secret: str, name: str):
        """Forgets a network of a page. Raises `UserError` where that is no page."""
        check_secret(secret)
        with self._lock:
            if visit := self._visits.get(secret):
                visit.remove(name)

    def _sweep(self):
        """Forgets the visits whose pages were closed for long enough."""
        now = time.monotonic()
        for secret in [each for each, at in self._left.items() if now - at > LEFT]:
            del self._left[secret]
            self._visits.pop(secret, None)

    def _make_room(self):
        """Forgets a visit: the oldest that is empty, whose page is not open, or that got nothing for long. Raises `UserError`."""
        if len(self._visits) < MOST_VISITS:
            return
        opened, now = set(self._pages.values()), time.monotonic()
        for secret, visit in self._visits.items():
            is_quiet = now - visit.used > QUIET
            if secret not in opened or is_quiet or not visit.shelf.networks:
                del self._visits[secret]
                return
        raise UserError("Too many visitors keep networks now: try again later.")

    def shelf(self, secret) -> Shelf:
        """The networks of a page's visit; none where it has none."""
        with self._lock:
            self._sweep()
            visit = self._visits.get(secret) if is_secret(secret) else None
        return visit.shelf if visit else EMPTY


def check_secret(secret):
    """Raises `UserError` where that is no secret of a page."""
    if not is_secret(secret):
        raise UserError("The page does not say whose visit this is: reload it.")


def is_secret(text) -> bool:
    return isinstance(text, str) and bool(re.fullmatch("[0-9a-f]{32}", text))


VISITS = Visits()


def find(results: Results, question: dict, name: str) -> Checkpoint:
    """The network of that name: of the visit of the page that asks, or a finished trial. Raises `UserError`."""
    if isinstance(name, str) and name.startswith(PREFIX):
        networks = VISITS.shelf(question.get("visit")).networks
        if name not in networks:
            raise UserError("That network of yours is gone: train or load it again.")
        return networks[name]
    return misclassified.find(results, name)


def name_of(question: dict, found: Checkpoint) -> str:
    """A network in a few words: "yours 1: ..." or "GN, batch 128, seed 1"."""
    shelf = VISITS.shelf(question.get("visit"))
    for name, other in shelf.networks.items():
        if other is found:
            return shelf.words()[name]
    return f"{describe(found.trial)}, seed {found.trial.seed}"


def title(found: Checkpoint) -> str:
    """A network in words: "GN, batch 128, lr 0.1, 1 epoch, seed 1"."""
    parts = [describe(found.trial), f"seed {found.trial.seed}"]
    if batches := found.summary.get(STOPPED):
        parts.append(f"stopped after {batches:,} batches")
    if found.summary["diverged"]:
        parts.append(f"diverged in epoch {found.summary['diverged']}")
    return ", ".join(parts)

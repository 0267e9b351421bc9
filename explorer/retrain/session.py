"""What a visitor trained or loaded: kept in memory while the page is open, and for nobody else."""

import math
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from explorer import mistakes
from explorer.results import CURVES, Results, describe, test_split
from explorer.stack import Stack
from train.checkpoint import STOPPED, Checkpoint, CheckpointError
from train.study import Trial

MOST = 8  # networks of a visit: a further one takes the place of the oldest
MOST_STOPPED = 50  # trainings that were stopped and still wait for their turn
MOST_VISITS = 200  # with networks
MOST_PAGES = 5000  # open at once; what further ones keep may have to make room
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
    split, read = test_split(), mistakes.answers_of(found)
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
    """A visitor's networks, and which trainings of this visit are to stop, each by the ticket that its page gave it."""

    def __init__(self):
        self.shelf = EMPTY
        self.closed = False
        self._stopped: list[str] = []
        self._count = 0

    def stop(self, ticket: str):
        self._stopped = [*self._stopped[1 - MOST_STOPPED :], ticket]

    def stops(self, ticket: str) -> bool:
        """Whether that training is to end: it waits, or runs."""
        return self.closed or ticket in self._stopped

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
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._visits)

    def begin(self, session: str, secret: str):
        """A page was opened: while it is, nobody else's visit takes the place of its own, and `end` forgets it."""
        if is_secret(secret) and len(self._pages) < MOST_PAGES:
            self._pages[session] = secret

    def end(self, session: str):
        """A page was closed: a training that runs for it stops, and what it kept is gone."""
        secret = self._pages.pop(session, None)
        with self._lock:
            visit = self._visits.pop(secret, None)
        if visit:
            visit.closed = True

    def open(self, secret: str) -> Visit:
        """The visit of a page, made where there is none. Raises `KeyError`, its message a sentence, where it cannot be."""
        if not is_secret(secret):
            raise KeyError("The page does not say whose visit this is: reload it.")
        with self._lock:
            if secret not in self._visits:
                self._make_room()
                self._visits[secret] = Visit()
            self._visits.move_to_end(secret)
            return self._visits[secret]

    def _make_room(self):
        """Forgets the visit that was quiet longest among those whose page is not open. Raises `KeyError`."""
        if len(self._visits) < MOST_VISITS:
            return
        opened = set(self._pages.values())
        left = next((secret for secret in self._visits if secret not in opened), None)
        if left is None:
            raise KeyError("Too many visitors keep networks now: try again later.")
        self._visits.pop(left).closed = True

    def shelf(self, secret) -> Shelf:
        """The networks of a page's visit; none where it has none."""
        visit = self._visits.get(secret) if is_secret(secret) else None
        return visit.shelf if visit else EMPTY


def is_secret(text) -> bool:
    return isinstance(text, str) and bool(re.fullmatch("[0-9a-f]{32}", text))


VISITS = Visits()


def find(results: Results, question: dict, name: str) -> Checkpoint:
    """The network of that name: of the visit of the page that asks, or a finished trial. Raises `KeyError`."""
    if name.startswith(PREFIX):
        networks = VISITS.shelf(question.get("visit")).networks
        if name not in networks:
            raise KeyError("That network of yours is gone: train or load it again.")
        return networks[name]
    return mistakes.find(results, name)


def name_of(question: dict, found: Checkpoint) -> str:
    """A network in a few words: "yours 1: ..." or "GN, batch 128, seed 1"."""
    shelf = VISITS.shelf(question.get("visit"))
    for name, other in shelf.networks.items():
        if other is found:
            return shelf.words()[name]
    return f"{describe(found.trial)}, seed {found.trial.seed}"


def title(found: Checkpoint) -> str:
    """A network in words, with whatever of its recipe is not the study's: "GN, batch 128, lr 0.1, 1 epoch, seed 1"."""
    trial = found.trial
    parts = [describe(trial)]
    for name, words in (
        ("groups", "{} groups"),
        ("dropout", "dropout {:g}"),
        ("rotation", "rotation {:g}"),
        ("lr", "lr {:g}"),
        ("momentum", "momentum {:g}"),
        ("train_images", "{:,} images"),
    ):
        value = getattr(trial, name)
        if value != getattr(Trial, name):
            parts.append(words.format(value))
    parts.append(f"{trial.epochs} epoch{'s' if trial.epochs > 1 else ''}")
    parts.append(f"seed {trial.seed}")
    if batches := found.summary.get(STOPPED):
        parts.append(f"stopped after {batches:,} batches")
    if found.summary["diverged"]:
        parts.append(f"diverged in epoch {found.summary['diverged']}")
    return ", ".join(parts)

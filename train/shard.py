"""Shards: disjoint parts of the missing trials, for machines that know nothing of each other."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from train.norms import BY_KEY
from train.study import Trial, alike

TILE = 16  # images that the CPU's kernels train together
SHORT_TILE = 1.8  # cost of a tile that is not full, measured at batch 2 to 8
REFERENCE = 10  # cost of a norm without kernels, against one with them
TEST_TILES = 200  # cost of an epoch's test


def cost(trial: Trial) -> float:
    """Estimated cost of a trial, the same on every machine: the full tiles that take as long to train on the CPU.

    Against the seconds of the committed networks it is off by 10 % at most, but for BN at batch 128, by 25 %.
    """
    steps = ceil(trial.train_images / trial.batch_size)
    full, rest = divmod(trial.batch_size, TILE)
    tiles = steps * (full + SHORT_TILE * bool(rest)) + TEST_TILES
    has_kernels = BY_KEY[trial.norm].has_kernels
    return trial.epochs * tiles * (1 if has_kernels else REFERENCE)


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, counted from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Shard of "2/8"; raises `ValueError`."""
        match = re.fullmatch("([0-9]{1,6})/([0-9]{1,6})", text)
        shard = cls(*map(int, match.groups())) if match else cls(0, 0)
        if not 1 <= shard.number <= shard.count:
            raise ValueError(f"must be I/N with I from 1 to N; got {text!r}")
        return shard

    def folder(self, out: Path) -> Path:
        """Folder of the shard's files, beside `out`: no shard changes what is missing for the others, or for itself when it goes on."""
        out = out.resolve()
        return out.with_name(f"{out.name}-{self.number}-of-{self.count}")

    def of(self, missing: Iterable[Trial]) -> list[Trial]:
        """Trials of the shard, in the order of `missing`, of which every shard must be given the same.

        Trials that can be stacked stay together, as stacks of few trials waste a GPU. The cost of a shard differs from the
        mean of all by less than that of one trial.
        """
        missing = list(missing)
        by_kind: dict[Trial, list[Trial]] = {}
        for trial in missing:
            by_kind.setdefault(alike(trial), []).append(trial)
        whole = sum(map(cost, missing))
        chosen, before = set(), 0.0
        for trial in (trial for members in by_kind.values() for trial in members):
            middle = before + cost(trial) / 2
            if int(middle / whole * self.count) == self.number - 1:
                chosen.add(trial)
            before += cost(trial)
        return [trial for trial in missing if trial in chosen]

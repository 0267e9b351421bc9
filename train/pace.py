"""Pace of training: measured seconds per epoch, and from them the time that is left."""

import heapq
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch

from train import engines, loop
from train.data import Mnist
from train.study import Trial

PACE_SECONDS = 1.0  # of training, by which the pace of a trial is measured


@dataclass
class Pace:
    """Measured seconds per epoch, and from them the expected duration of a trial and of the rest of a sweep."""

    # Per epoch, by norm and batch size.
    seconds: dict[tuple, float] = field(default_factory=dict)

    def record(self, trial: Trial, seconds_per_epoch: float):
        self.seconds[trial.norm, trial.batch_size] = seconds_per_epoch

    def knows(self, trial: Trial) -> bool:
        return (trial.norm, trial.batch_size) in self.seconds

    def of(self, trial: Trial) -> float:
        """Seconds of a whole trial; a norm and batch size without a measurement takes the mean of the others."""
        known = self.seconds.get((trial.norm, trial.batch_size))
        return trial.epochs * (known or sum(self.seconds.values()) / len(self.seconds))

    def left(
        self, running: dict[Trial, float], pending: Iterable[Trial], workers: int
    ) -> float | None:
        """Seconds until all trials are trained; `running` maps trials to the fraction done. None without a measurement."""
        if not self.seconds:
            return None
        remaining = [
            self.of(trial) * (1 - fraction) for trial, fraction in running.items()
        ]
        free = [0.0] * workers
        for seconds in [*remaining, *map(self.of, pending)]:
            heapq.heapreplace(free, free[0] + seconds)
        return max(free)


def measure(trials: Iterable[Trial], data: Mnist, device: str) -> Pace:
    """Pace of these trials, from `PACE_SECONDS` of training for every norm and batch size, evaluation excluded."""
    pace = Pace()
    torch.set_num_threads(1)
    for group in engines.share_out(trials, device):
        if not pace.knows(group[0]):
            pace.record(group[0], _seconds_per_epoch(group, data, device) / len(group))
    return pace


def _seconds_per_epoch(group: tuple[Trial, ...], data: Mnist, device: str) -> float:
    class Enough(Exception):
        pass

    times: list[tuple[float, int]] = []  # with batches; before the first is warm-up

    def on_progress(progress: loop.Progress):
        done, total = progress.done, progress.total
        times.append((time.perf_counter(), done))
        is_long_enough = times[-1][0] - times[0][0] > PACE_SECONDS
        if is_long_enough or (done == total and len(times) > 1):
            raise Enough(total / group[0].epochs)

    try:
        for _ in engines.train(group, data, device, on_progress):
            pass
    except Enough as enough:
        (start, first), (end, last) = times[0], times[-1]
        return (end - start) / (last - first) * enough.args[0]
    return PACE_SECONDS  # a trial too short to measure

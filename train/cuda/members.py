"""Grouping of trials into stacks, and the networks of a stack as learners that are trained in lockstep."""

from collections.abc import Callable, Generator, Iterator

from torch import Tensor

from train import loop
from train.checkpoint import Checkpoint
from train.cuda.autotune import tuned
from train.cuda.stack import Stack
from train.data import Mnist, Split
from train.evaluate import Evaluation
from train.study import Trial, alike

MOST_IMAGES = 2048  # per step, E * batch size: about what a GPU's cache holds
MOST_TRIALS = 64  # in a stack
READINGS = 12  # how often per epoch the losses are read from the GPU


def stacks(trials: list[Trial]) -> list[tuple[Trial, ...]]:
    """Groups of trials that can be stacked: those of a group differ only in seed, penalties and learning rate."""
    by_kind: dict[Trial, list[Trial]] = {}
    for trial in trials:
        by_kind.setdefault(alike(trial), []).append(trial)
    groups = []
    for members in by_kind.values():
        most = max(1, min(MOST_TRIALS, MOST_IMAGES // members[0].batch_size))
        groups += [
            tuple(members[start : start + most])
            for start in range(0, len(members), most)
        ]
    return groups


def train(
    trials: tuple[Trial, ...],
    data: Mnist,
    on_progress: Callable[[loop.Progress], None],
    device: str = "cuda",
) -> Iterator[Checkpoint]:
    """Trains a stack in lockstep, with `loop.run` for each of its trials; yields their checkpoints as they end.

    `on_progress` gets the progress of one trial only: all trials of a stack are at the same batch.
    """
    stack = tuned(trials, data, device)
    runs = [
        loop.run(trial, data, Member(stack, index))
        for index, trial in enumerate(trials)
    ]
    while runs:
        first = runs[0]
        for run in list(runs):
            try:
                loop.advance(run, *([on_progress] if run is first else []))
            except StopIteration as end:
                runs.remove(run)
                yield end.value


def alone(trial: Trial, data: Mnist, device: str) -> loop.Learner:
    """Learner of a trial that is alone in its stack."""
    return Member(tuned((trial,), data, device), 0)


class Member:
    """One network of a stack as a `loop.Learner`; the first that trains an epoch or evaluates does so for the whole stack."""

    def __init__(self, stack: Stack, index: int):
        self.stack, self.index, self.epoch = stack, index, 0

    @property
    def engine(self) -> str:
        return f"stacked-{self.stack.device.type}-{self.stack.networks.route}"

    def train_epoch(self, lr: float) -> Generator[loop.EpochSums, None, None]:
        self.epoch += 1
        read, whole = 0, len(self.stack.batches)
        if self.stack.epoch < self.epoch:
            steps = self.stack.train_epoch()
            try:
                for done in steps:
                    # Not every step: reading a loss waits for the GPU.
                    if done < whole and done - read >= whole / READINGS:
                        read = done
                        yield self._sums(done)
            finally:
                if len(self.stack.trials) > 1:  # the other networks finish the epoch
                    for _ in steps:
                        pass
        yield self._sums(whole)

    def _sums(self, batches: int) -> loop.EpochSums:
        loss, correct = (
            values[self.index] for values in (self.stack.losses, self.stack.corrects)
        )
        return loop.EpochSums(batches, loss.item(), int(correct))

    def evaluate(self, split: Split) -> Evaluation:
        return Evaluation(self.stack.networks.evaluate(split)[self.index], split.labels)

    def state(self) -> dict[str, Tensor]:
        return self.stack.networks.state(self.index)

    def restore(self, state: dict[str, Tensor]):
        self.stack.networks.restore(self.index, state)

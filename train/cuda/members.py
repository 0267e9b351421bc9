"""Trials in stacks: which can share one, and the networks of a stack as learners that are trained in lockstep."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from torch import Tensor

from train import loop
from train.checkpoint import Checkpoint
from train.cuda.autotune import tuned
from train.cuda.stack import Stack
from train.data import Mnist, Split
from train.evaluate import Evaluation
from train.study import Trial

MOST_IMAGES = 2048  # of a stack, E * batch size: about what a GPU's cache holds
MOST_TRIALS = 64  # of a stack
READINGS = 12  # of the loss in an epoch


def stacks(trials: list[Trial]) -> list[tuple[Trial, ...]]:
    """The trials in groups that can be stacked: alike in all but seed, penalties and learning rate."""
    alike: dict[Trial, list[Trial]] = {}
    for trial in trials:
        alike.setdefault(replace(trial, seed=0, l1=0.0, l2=0.0, lr=1.0), []).append(
            trial
        )
    groups = []
    for members in alike.values():
        most = max(1, min(MOST_TRIALS, MOST_IMAGES // members[0].batch_size))
        groups += [
            tuple(members[start : start + most])
            for start in range(0, len(members), most)
        ]
    return groups


def train(
    trials: tuple[Trial, ...],
    data: Mnist,
    on_step: Callable[[loop.Step], None],
    device: str = "cuda",
) -> Iterator[Checkpoint]:
    """Trains a stack in lockstep, with `loop.run` for each of its trials; yields their checkpoints as they end.

    `on_step` hears of the first that is still trained: the others are where that one is.
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
                loop.advance(run, *([on_step] if run is first else []))
            except StopIteration as end:
                runs.remove(run)
                yield end.value


def alone(trial: Trial, data: Mnist, device: str) -> loop.Learner:
    """A trial as the only member of a stack."""
    return Member(tuned((trial,), data, device), 0)


class Member:
    """One network of a stack as a `loop.Learner`: the first that asks for an epoch or a test has it done for all."""

    def __init__(self, stack: Stack, index: int):
        self.stack, self.index, self.epoch = stack, index, 0

    @property
    def engine(self) -> str:
        return f"stacked-{self.stack.device.type}-{self.stack.networks.route}"

    def train_epoch(self, lr: float) -> Generator[loop.Part, None, None]:
        self.epoch += 1
        read, whole = 0, len(self.stack.batches)
        if self.stack.epoch < self.epoch:
            steps = self.stack.train_epoch()
            try:
                for done in steps:
                    # Rarely: to read a loss is to wait for the GPU.
                    if done < whole and done - read >= whole / READINGS:
                        read = done
                        yield self._part(done)
            finally:
                if len(self.stack.trials) > 1:  # whoever ends here, the others go on
                    for _ in steps:
                        pass
        yield self._part(whole)

    def _part(self, batches: int) -> loop.Part:
        loss, correct = (
            values[self.index] for values in (self.stack.losses, self.stack.corrects)
        )
        return loop.Part(batches, loss.item(), int(correct))

    def evaluate(self, split: Split) -> Evaluation:
        return Evaluation(self.stack.networks.evaluate(split)[self.index], split.labels)

    def state(self) -> dict[str, Tensor]:
        return self.stack.networks.state(self.index)

    def restore(self, state: dict[str, Tensor]):
        self.stack.networks.restore(self.index, state)

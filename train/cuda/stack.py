"""Training of a stack: all trials of one norm and batch size as one network, steps in a CUDA graph.

The loss is the sum of the networks' batch means, so every network gets its own gradient; penalties and learning rates
are vectors. Stacked networks equal single ones up to rounding (`tests/train/cuda`).

Initial weights, order and rotations are the reference's. Dropout masks are drawn for the stack as a whole, so they
depend on the trials that share it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from train.cuda.batches import Batches
from train.cuda.networks import Networks
from train.data import Mnist
from train.study import Trial

STEPS_A_LAUNCH = 8  # training steps captured in the CUDA graph


class Stack:
    """E networks on one device with their batches and SGD with momentum; `route` is that of `Networks`."""

    def __init__(
        self,
        trials: tuple[Trial, ...],
        data: Mnist,
        device: str,
        route: str = "grouped",
    ):
        self.trials, self.shape, self.device = trials, trials[0], torch.device(device)
        digits = data.train.first(self.shape.train_images).to(device)
        self.batches = Batches(trials, digits)
        generators = [streams.weights for streams in self.batches.streams]
        self.networks = Networks(trials, generators, self.device, route)
        self.epoch = 0
        self._velocity = torch.zeros_like(self.networks.weights)
        self._l1, self._l2 = (
            torch.tensor([[getattr(trial, name)] for trial in trials], device=device)
            for name in ("l1", "l2")
        )
        self._lr = torch.zeros(len(trials), 1, device=device)
        self.losses = torch.zeros(len(trials), dtype=torch.float64, device=device)
        self.corrects = torch.zeros(len(trials), dtype=torch.int64, device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        if self.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = (
                False
            )
            torch.cuda.manual_seed(self.shape.seed)

    def train_epoch(self) -> Iterator[int]:
        """Trains every network for an epoch; yields the number of batches launched, and sums into `losses` and `corrects`."""
        for done in self._train_epoch():
            self.networks.steps_done = (self.epoch - 1) * len(self.batches) + done
            yield done

    def _train_epoch(self) -> Iterator[int]:
        self.epoch += 1
        self._lr.copy_(
            torch.tensor([[trial.lr_at(self.epoch)] for trial in self.trials])
        )
        self.batches.shuffle()
        for total in (self.losses, self.corrects):
            total.zero_()
        whole, offsets = self.batches.whole, self.batches.offsets
        launches = 0
        if self.device.type == "cuda" and whole >= 2 * STEPS_A_LAUNCH:
            self._graph = self._graph or self.capture()
            launches = whole // STEPS_A_LAUNCH
            for launch in range(1, launches + 1):
                self._graph.replay()
                yield launch * STEPS_A_LAUNCH
        for done in range(launches * STEPS_A_LAUNCH, whole):
            self.step(offsets)
            yield done + 1
        if self.batches.rest:
            self.step(offsets[: self.batches.rest])
            yield whole + 1

    def step(self, offsets: Tensor):
        """One SGD step of every network on the images at cursor + `offsets`; does not wait for the GPU."""
        images, labels = self.batches.take(offsets)
        weights = self.networks.weights
        log_probs = self.networks.forward(
            images, training=True, drop=self.shape.dropout
        )
        losses = -log_probs.gather(2, labels.unsqueeze(2)).squeeze(2)  # (E, B)
        (gradient,) = torch.autograd.grad(losses.mean(1).sum(), weights)
        with torch.no_grad():
            self.losses += losses.sum(1)
            self.corrects += (log_probs.argmax(2) == labels).sum(1)
            gradient += self._l2 * weights + self._l1 * weights.sign()
            self._velocity.mul_(self.shape.momentum).add_(gradient)
            weights -= self._lr * self._velocity
            self.batches.cursor += len(offsets)

    def capture(self) -> "torch.cuda.CUDAGraph":
        """CUDA graph of `STEPS_A_LAUNCH` steps."""
        graph, side = torch.cuda.CUDAGraph(), torch.cuda.Stream()
        offsets = self.batches.offsets
        with self.undone():
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):  # warm-up that PyTorch requires before a capture
                    self.step(offsets)
            torch.cuda.current_stream().wait_stream(side)
            with torch.cuda.graph(graph):
                for _ in range(STEPS_A_LAUNCH):
                    self.step(offsets)
        return graph

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Context after which weights, momentum, sums, cursor and running averages are as before it."""
        kept = [
            self.networks.weights,
            self._velocity,
            self.losses,
            self.corrects,
            self.batches.cursor,
            *self.networks.running,
        ]
        before = [value.detach().clone() for value in kept]
        try:
            yield
        finally:
            with torch.no_grad():
                for value, old in zip(kept, before, strict=True):
                    value.copy_(old)

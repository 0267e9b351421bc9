"""The fast engine for a GPU: all trials of one norm and batch size as one stacked network, steps in a CUDA graph.

Network e of E owns the channels e * C to (e + 1) * C of every layer: convolutions have E groups, BN has E * C channels,
GN has E * groups. The loss is the sum of the networks' batch means, so each gets its own gradient; penalties and
learning rates are vectors. It is exact: stacked networks equal single ones up to rounding (`tests/test_cuda.py`).

Weights, order and rotations are the reference's; dropout masks are drawn for the stack as a whole, so they depend on
which trials share it.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from train import loop
from train.checkpoint import Checkpoint
from train.data import CLASSES, Mnist, Split, normalise, rotate
from train.evaluate import CHUNK, Evaluation
from train.model import CHANNELS, POOLED, Network
from train.study import Trial

BLOCKS = len(CHANNELS) - 1
MOST_IMAGES, MOST_TRIALS = (
    2048,
    64,
)  # of a stack: E * batch size, about what a GPU's cache holds, and E
STEPS_A_LAUNCH = 8  # of a CUDA graph
READINGS = 12  # of the loss in an epoch
TUNING_SECONDS = 2.0
AGREE = 1e-4  # how far log-probabilities of two routes may be apart


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
    stack = Stack(trials, data, device)
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


class Member:
    """One network of a stack as a `loop.Learner`: the first that asks for an epoch or a test has it done for all."""

    def __init__(self, stack: "Stack", index: int):
        self.stack, self.index, self.epoch = stack, index, 0

    @property
    def engine(self) -> str:
        return f"stacked-{self.stack.device.type}-{self.stack.route}"

    def train_epoch(self, lr: float) -> Generator[loop.Part, None, None]:
        self.epoch += 1
        told, whole = 0, self.stack.batches
        if self.stack.epoch < self.epoch:
            steps = self.stack.train_epoch()
            try:
                for done in steps:
                    # Rarely: to read a loss is to wait for the GPU.
                    if done < whole and done - told >= whole / READINGS:
                        told = done
                        yield self._part(done)
            finally:
                if len(self.stack.trials) > 1:  # whoever ends here, the others go on
                    for _ in steps:
                        pass
        yield self._part(whole)

    def _part(self, batches: int) -> loop.Part:
        loss, correct = (
            each[self.index] for each in (self.stack.losses, self.stack.corrects)
        )
        return loop.Part(batches, loss.item(), int(correct))

    def evaluate(self, split: Split) -> Evaluation:
        return Evaluation(self.stack.evaluate(split)[self.index], split.labels)

    def state(self) -> dict[str, Tensor]:
        return self.stack.state(self.index)

    def restore(self, state: dict[str, Tensor]):
        self.stack.restore(self.index, state)


# Ways to convolve x (B, E * I, H, W) with w (E, O, I, 3, 3) to (B, E * O, H, W); which is fastest depends on the GPU.
def grouped(x: Tensor, w: Tensor) -> Tensor:
    return F.conv2d(x, w.flatten(0, 1), padding=1, groups=len(w))


def channels_last(x: Tensor, w: Tensor) -> Tensor:
    return grouped(x.contiguous(memory_format=torch.channels_last), w)


def dense(x: Tensor, w: Tensor) -> Tensor:
    """One convolution whose weights are block-diagonal: E times the work, in the form that libraries like best."""
    networks, outputs, inputs = w.shape[:3]
    diagonal = torch.eye(networks, device=w.device).view(networks, 1, networks, 1, 1, 1)
    blocks = (w.unsqueeze(2) * diagonal).view(
        networks * outputs, networks * inputs, 3, 3
    )
    return F.conv2d(x, blocks, padding=1)


def unfolded(x: Tensor, w: Tensor) -> Tensor:
    """Patches times weights, a batched matrix product."""
    patches = F.unfold(x, 3, padding=1).unflatten(1, (len(w), -1))
    return torch.matmul(w.flatten(2), patches).view(len(x), -1, *x.shape[2:])


ROUTES = {
    "grouped": grouped,
    "channels-last": channels_last,
    "dense": dense,
    "unfolded": unfolded,
}


class Stack:
    """E networks and the data on one device; `route` is the name of the convolution in use."""

    def __init__(self, trials: tuple[Trial, ...], data: Mnist, device: str):
        self.trials, self.shape, self.device = trials, trials[0], torch.device(device)
        self.digits = data.train.first(self.shape.train_images).to(device)
        self.epoch, self.steps_done = 0, 0
        self.batches = -(-len(self.digits.labels) // self.shape.batch_size)
        self._streams = [loop.Streams.of(trial.seed, "cpu") for trial in trials]
        self._networks = [
            Network(trial).initialise(streams.weights)
            for trial, streams in zip(trials, self._streams)
        ]
        flat = [
            torch.nn.utils.parameters_to_vector(network.parameters())
            for network in self._networks
        ]
        self.weights = (
            torch.stack(flat).detach().to(device).requires_grad_()
        )  # (E, 7288)
        self.velocity = torch.zeros_like(self.weights)
        self.running = [  # of BN: per block mean and variance, (E * C,) each
            torch.stack([torch.zeros(c), torch.ones(c)])
            .repeat(1, len(trials))
            .to(device)
            for c in CHANNELS[1:]
        ]
        self._l1, self._l2 = (
            torch.tensor([[getattr(trial, name)] for trial in trials], device=device)
            for name in ("l1", "l2")
        )
        self._lr = torch.zeros(len(trials), 1, device=device)
        self.losses = torch.zeros(len(trials), dtype=torch.float64, device=device)
        self.corrects = torch.zeros(len(trials), dtype=torch.int64, device=device)
        count = len(self.digits.labels)
        self._order = torch.zeros(len(trials), count, dtype=torch.int64, device=device)
        self._steps = torch.zeros(
            len(trials), count, 4, dtype=torch.int32, device=device
        )
        self._cursor = torch.zeros(1, dtype=torch.int64, device=device)
        self._offsets = torch.arange(min(self.shape.batch_size, count), device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._tested: tuple[int, int, list[Tensor]] | None = None
        if self.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = (
                False
            )
            torch.cuda.manual_seed(self.shape.seed)
        self.route = "grouped" if self.device.type == "cpu" else self._fastest_route()

    def train_epoch(self) -> Iterator[int]:
        """One epoch of every network; fills `losses` and `corrects`, and yields how many batches were sent on their way."""
        for done in self._train_epoch():
            self.steps_done = (self.epoch - 1) * self.batches + done
            yield done

    def _train_epoch(self) -> Iterator[int]:
        self.epoch += 1
        self._lr.copy_(
            torch.tensor([[trial.lr_at(self.epoch)] for trial in self.trials])
        )
        count = len(self.digits.labels)
        drawn = [
            loop.epoch_order(count, trial, s)
            for trial, s in zip(self.trials, self._streams)
        ]
        self._order.copy_(torch.stack([order for order, _ in drawn]))
        self._steps.copy_(torch.stack([steps for _, steps in drawn]))
        for total in (self._cursor, self.losses, self.corrects):
            total.zero_()
        whole, rest = divmod(count, len(self._offsets))
        launches = 0
        if self.device.type == "cuda" and whole >= 2 * STEPS_A_LAUNCH:
            self._graph = self._graph or self._capture()
            launches = whole // STEPS_A_LAUNCH
            for launch in range(1, launches + 1):
                self._graph.replay()
                yield launch * STEPS_A_LAUNCH
        for done in range(launches * STEPS_A_LAUNCH, whole):
            self.step(self._offsets)
            yield done + 1
        if rest:
            self.step(self._offsets[:rest])
            yield whole + 1

    def step(self, offsets: Tensor):
        """One batch of every network, its images counted from the cursor; nothing is read back."""
        images, labels = self._batch(offsets)
        log_probs = self.forward(images, training=True, drop=self.shape.dropout)
        losses = -log_probs.gather(2, labels.unsqueeze(2)).squeeze(2)  # (E, B)
        (gradient,) = torch.autograd.grad(losses.mean(1).sum(), self.weights)
        with torch.no_grad():
            self.losses += losses.sum(1)
            self.corrects += (log_probs.argmax(2) == labels).sum(1)
            gradient += self._l2 * self.weights + self._l1 * self.weights.sign()
            self.velocity.mul_(self.shape.momentum).add_(gradient)
            self.weights -= self._lr * self.velocity
            self._cursor += len(offsets)

    def forward(self, images: Tensor, training: bool, drop: float = 0.0) -> Tensor:
        """Normalised images (B, E, 28, 28) -> log-probabilities (E, B, 10)."""
        convolve, networks = ROUTES[self.route], len(self.trials)
        parts = self._parts()
        x = images
        for block in range(BLOCKS):
            weight, gain, bias = (
                next(parts),
                next(parts).flatten(),
                next(parts).flatten(),
            )
            x = F.relu(
                convolve(
                    x, weight.unflatten(1, (CHANNELS[block + 1], CHANNELS[block], 3, 3))
                )
            )
            if self.shape.norm == "BN":
                x = F.batch_norm(
                    x, *self.running[block], gain, bias, training, 0.1, 1e-5
                )
            else:
                groups = networks * (
                    self.shape.groups if self.shape.norm == "GN" else 1
                )
                x = F.group_norm(x, groups, gain, bias, 1e-5)
            if block == POOLED[-1]:
                x = F.dropout(F.max_pool2d(x, 2), drop)
                continue
            x = F.dropout(x, drop)
            if block in POOLED:
                x = F.max_pool2d(x, 2)
        features = (
            x.mean((2, 3)).unflatten(1, (networks, -1)).transpose(0, 1)
        )  # (E, B, 16)
        logits = features @ next(parts).unflatten(1, (CLASSES, -1)).transpose(1, 2)
        return F.log_softmax(logits, 2)

    @torch.no_grad()
    def evaluate(self, split: Split) -> list[Tensor]:
        """Log-probabilities (N, 10) of each network, on the CPU; asked again before training, the same ones."""
        key = (self.epoch, id(split.images))
        if self._tested is None or self._tested[:2] != key:
            here = split.to(self.device)
            answers = [
                self.forward(
                    normalise(images).expand(-1, len(self.trials), -1, -1),
                    training=False,
                )
                for images in here.images.split(max(1, CHUNK * 8 // len(self.trials)))
            ]
            self._tested = (*key, list(torch.cat(answers, 1).cpu()))
        return self._tested[2]

    def state(self, index: int) -> dict[str, Tensor]:
        """A copy of the state dict of network `index`."""
        network = self._networks[index]
        torch.nn.utils.vector_to_parameters(
            self.weights[index].detach().cpu(), network.parameters()
        )
        state = network.state_dict()
        if self.shape.norm == "BN":
            for block, running in enumerate(self.running):
                mean, var = running.unflatten(1, (len(self.trials), -1))[:, index].cpu()
                state[f"blocks.{block}.norm.running_mean"] = mean
                state[f"blocks.{block}.norm.running_var"] = var
                state[f"blocks.{block}.norm.num_batches_tracked"] = torch.tensor(
                    self.steps_done
                )
        return {name: value.detach().clone() for name, value in state.items()}

    @torch.no_grad()
    def restore(self, index: int, state: dict[str, Tensor]):
        """Puts network `index` back to an earlier `state`."""
        network = self._networks[index]
        network.load_state_dict(state)
        self.weights[index] = torch.nn.utils.parameters_to_vector(network.parameters())
        if self.shape.norm == "BN":
            for block, running in enumerate(self.running):
                mine = running.unflatten(1, (len(self.trials), -1))[:, index]
                for row, key in zip(mine, ("mean", "var")):
                    row.copy_(state[f"blocks.{block}.norm.running_{key}"])
        self._tested = None

    def _parts(self) -> Iterator[Tensor]:
        """The weights (E, n) of each parameter, in the order of `Network.parameters()`."""
        sizes = [parameter.numel() for parameter in self._networks[0].parameters()]
        return iter(self.weights.split(sizes, 1))

    def _batch(self, offsets: Tensor) -> tuple[Tensor, Tensor]:
        """Each network's next images, rotated and normalised (B, E, 28, 28), and their labels (E, B)."""
        places = (self._cursor + offsets).expand(len(self.trials), -1)
        chosen = self._order.gather(1, places)
        steps = self._steps.gather(1, places.unsqueeze(2).expand(-1, -1, 4))
        turned = rotate(self.digits.images[chosen.flatten()], steps.flatten(0, 1))
        images = (
            normalise(turned).view(*chosen.shape, 28, 28).transpose(0, 1).contiguous()
        )
        return images, self.digits.labels[chosen]

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Whatever is trained inside leaves nothing behind."""
        kept = [
            self.weights,
            self.velocity,
            self.losses,
            self.corrects,
            self._cursor,
            *self.running,
        ]
        before = [value.detach().clone() for value in kept]
        yield
        with torch.no_grad():
            for value, old in zip(kept, before):
                value.copy_(old)

    def _capture(self) -> "torch.cuda.CUDAGraph":
        """A graph of several steps."""
        graph, side = torch.cuda.CUDAGraph(), torch.cuda.Stream()
        with self._undone():
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):  # what PyTorch asks for before a capture
                    self.step(self._offsets)
            torch.cuda.current_stream().wait_stream(side)
            with torch.cuda.graph(graph):
                for _ in range(STEPS_A_LAUNCH):
                    self.step(self._offsets)
        return graph

    def _fastest_route(self) -> str:
        """The route whose steps take the least time here, found in some seconds."""
        times = {}
        with self._undone():
            for route in ROUTES:
                try:
                    if self.agrees(route):
                        self.route = route
                        times[route] = self._time_a_step(TUNING_SECONDS / len(ROUTES))
                except (
                    torch.OutOfMemoryError
                ):  # the dense route's weights grow with E * E
                    torch.cuda.empty_cache()
        return min(times, key=times.get)

    @torch.no_grad()
    def agrees(self, route: str) -> bool:
        """Whether a route gives the answers of the grouped one: PyTorch's norms are not equally exact in every layout."""
        running = [value.clone() for value in self.running]
        images, _ = self._batch(self._offsets)
        answers = []
        for self.route in ("grouped", route):
            answers.append(self.forward(images, training=True))
        for value, old in zip(self.running, running):
            value.copy_(old)
        return bool((answers[0] - answers[1]).abs().max() < AGREE)

    def _time_a_step(self, budget: float) -> float:
        self.step(self._offsets)
        torch.cuda.synchronize()
        start, steps = time.perf_counter(), 0
        while steps == 0 or time.perf_counter() - start < budget:
            self._cursor.zero_()
            self.step(self._offsets)
            torch.cuda.synchronize()
            steps += 1
        return (time.perf_counter() - start) / steps

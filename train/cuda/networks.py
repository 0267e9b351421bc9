"""E networks of one norm as a single one: weights, forward pass, and the state dict of every network.

Network e owns the channels e * C to (e + 1) * C of every layer: convolutions have E groups, BN has E * C channels, a norm
of the image E times its groups.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from train import normalisation
from train.cuda.convolutions import ROUTES
from train.data import CLASSES, Split, normalise
from train.evaluate import CHUNK
from train.model import CHANNELS, POOLED, Network
from train.norms import BY_KEY
from train.study import Trial


class Networks:
    """Stacked networks of `trials` on one device; `generators`, one per network, draw the initial weights."""

    def __init__(
        self,
        trials: tuple[Trial, ...],
        generators: list[torch.Generator],
        device: torch.device,
        route: str = "grouped",
    ):
        self.count, self.shape, self.device = len(trials), trials[0], device
        self.norm = BY_KEY[self.shape.norm]
        self.route = route  # key of `ROUTES`, the convolution in use
        self.steps_done = 0  # batches trained
        self._single = [
            Network(trial).initialise(generator)
            for trial, generator in zip(trials, generators, strict=True)
        ]
        flat = [
            torch.nn.utils.parameters_to_vector(network.parameters())
            for network in self._single
        ]
        self.weights = (
            torch.stack(flat).detach().to(device).requires_grad_()
        )  # (E, 7288)
        self.running = [  # of BN, per block: mean and variance (2, E * C)
            torch.stack([torch.zeros(c), torch.ones(c)])
            .repeat(1, self.count)
            .to(device)
            for c in CHANNELS[1:]
        ]
        self._tested: tuple[int, int, list[Tensor]] | None = None

    def forward(
        self,
        images: Tensor,
        training: bool,
        drop: float = 0.0,
        route: str | None = None,
    ) -> Tensor:
        """Normalised images (B, E, 28, 28) -> log-probabilities (E, B, 10), on the route in use or another."""
        convolve, parameters = ROUTES[route or self.route], self._parameters()
        x = images
        for block in range(len(CHANNELS) - 1):
            weight = next(parameters).unflatten(
                1, (CHANNELS[block + 1], CHANNELS[block], 3, 3)
            )
            gain, bias = next(parameters).flatten(), next(parameters).flatten()
            x = self._norm(block, F.relu(convolve(x, weight)), gain, bias, training)
            if block == POOLED[-1]:
                x = F.dropout(F.max_pool2d(x, 2), drop)
                continue
            x = F.dropout(x, drop)
            if block in POOLED:
                x = F.max_pool2d(x, 2)
        features = (
            x.mean((2, 3)).unflatten(1, (self.count, -1)).transpose(0, 1)
        )  # (E, B, 16)
        logits = features @ next(parameters).unflatten(1, (CLASSES, -1)).transpose(1, 2)
        return F.log_softmax(logits, 2)

    def _norm(
        self, block: int, x: Tensor, gain: Tensor, bias: Tensor, training: bool
    ) -> Tensor:
        """x (B, E * C, H, W) normalised, with gain and bias (E * C,)."""
        if self.norm.over_batch:
            mean, var = self.running[block]
            return F.batch_norm(x, mean, var, gain, bias, training, 0.1, 1e-5)
        groups = self.norm.groups(CHANNELS[block + 1], self.shape.groups)
        return normalisation.apply(self.norm, x, self.count * groups, gain, bias)

    def _parameters(self) -> Iterator[Tensor]:
        """Views (E, n) of `weights`, one per parameter, in the order of `Network.parameters()`."""
        sizes = [parameter.numel() for parameter in self._single[0].parameters()]
        return iter(self.weights.split(sizes, 1))

    @torch.no_grad()
    def evaluate(self, split: Split) -> list[Tensor]:
        """Log-probabilities (N, 10) of each network, on the CPU; kept until the next training step."""
        key = (self.steps_done, id(split.images))
        if self._tested is None or self._tested[:2] != key:
            local = split.to(self.device)
            log_probs = [
                self.forward(
                    normalise(images, split.pixels).expand(-1, self.count, -1, -1),
                    training=False,
                )
                for images in local.images.split(max(1, CHUNK * 8 // self.count))
            ]
            self._tested = (*key, list(torch.cat(log_probs, 1).cpu()))
        return self._tested[2]

    def state(self, index: int) -> dict[str, Tensor]:
        """Copy of the state dict of network `index`, on the CPU."""
        network = self._single[index]
        torch.nn.utils.vector_to_parameters(
            self.weights[index].detach().cpu(), network.parameters()
        )
        state = network.state_dict()
        if self.norm.over_batch:
            for block, running in enumerate(self.running):
                mean, var = running.unflatten(1, (self.count, -1))[:, index].cpu()
                state[f"blocks.{block}.norm.running_mean"] = mean
                state[f"blocks.{block}.norm.running_var"] = var
                state[f"blocks.{block}.norm.num_batches_tracked"] = torch.tensor(
                    self.steps_done
                )
        return {name: value.detach().clone() for name, value in state.items()}

    @torch.no_grad()
    def restore(self, index: int, state: dict[str, Tensor]):
        """Resets network `index` to an earlier `state`."""
        network = self._single[index]
        network.load_state_dict(state)
        self.weights[index] = torch.nn.utils.parameters_to_vector(network.parameters())
        if self.norm.over_batch:
            for block, running in enumerate(self.running):
                own = running.unflatten(1, (self.count, -1))[:, index]
                for row, key in zip(own, ("mean", "var"), strict=True):
                    row.copy_(state[f"blocks.{block}.norm.running_{key}"])
        self._tested = None

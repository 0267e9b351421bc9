"""The training digits of E networks on one device: every epoch in an order and with rotations of each network's own."""

import torch
from torch import Tensor

from train import loop
from train.data import Split, normalise, rotate
from train.study import Trial


class Batches:
    """What the networks of `trials` are trained on; `cursor` counts the images of the epoch that are done."""

    def __init__(self, trials: tuple[Trial, ...], digits: Split):
        self._trials, self._digits = trials, digits
        self.streams = [loop.Streams.of(trial.seed, "cpu") for trial in trials]
        count, device = len(digits.labels), digits.labels.device
        size = min(trials[0].batch_size, count)
        self.whole, self.rest = divmod(count, size)  # batches, and images of a last one
        self.cursor = torch.zeros(1, dtype=torch.int64, device=device)
        self.offsets = torch.arange(size, device=device)  # of a whole batch's images
        self._order = torch.zeros(len(trials), count, dtype=torch.int64, device=device)
        self._steps = torch.zeros(
            len(trials), count, 4, dtype=torch.int32, device=device
        )

    def __len__(self) -> int:
        """Batches in an epoch, a short one included."""
        return self.whole + bool(self.rest)

    def shuffle(self):
        """Draws order and rotations of the next epoch and goes to its first image."""
        drawn = [
            loop.epoch_order(len(self._digits.labels), trial, streams)
            for trial, streams in zip(self._trials, self.streams, strict=True)
        ]
        self._order.copy_(torch.stack([order for order, _ in drawn]))
        self._steps.copy_(torch.stack([steps for _, steps in drawn]))
        self.cursor.zero_()

    def take(self, offsets: Tensor) -> tuple[Tensor, Tensor]:
        """Each network's next images, rotated and normalised (B, E, 28, 28), and their labels (E, B)."""
        positions = (self.cursor + offsets).expand(len(self._trials), -1)
        chosen = self._order.gather(1, positions)
        steps = self._steps.gather(1, positions.unsqueeze(2).expand(-1, -1, 4))
        turned = rotate(self._digits.images[chosen.flatten()], steps.flatten(0, 1))
        images = (
            normalise(turned).view(*chosen.shape, 28, 28).transpose(0, 1).contiguous()
        )
        return images, self._digits.labels[chosen]

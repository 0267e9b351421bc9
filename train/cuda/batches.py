"""Batches of a stack's E networks: the training digits on one device, with an order and rotations per network and epoch."""

import torch
from torch import Tensor

from train import loop
from train.data import Split, normalise, rotate
from train.study import Trial


class Batches:
    """Training batches of the networks of `trials`; `cursor` (1,) is the number of images of the epoch trained so far."""

    def __init__(self, trials: tuple[Trial, ...], digits: Split):
        self._trials, self._digits = trials, digits
        self.streams = [loop.Streams.of(trial.seed, "cpu") for trial in trials]
        count, device = len(digits.labels), digits.labels.device
        size = min(trials[0].batch_size, count)
        # Full batches in an epoch, and the images of a short last one.
        self.whole, self.rest = divmod(count, size)
        self.cursor = torch.zeros(1, dtype=torch.int64, device=device)
        self.offsets = torch.arange(size, device=device)  # of a full batch
        self._order = torch.zeros(len(trials), count, dtype=torch.int64, device=device)
        self._steps = torch.zeros(
            len(trials), count, 4, dtype=torch.int32, device=device
        )

    def __len__(self) -> int:
        """Number of batches in an epoch, a short last one included."""
        return self.whole + bool(self.rest)

    def shuffle(self):
        """Draws order and rotations of the next epoch and resets the cursor."""
        drawn = [
            loop.epoch_order(len(self._digits.labels), trial, streams)
            for trial, streams in zip(self._trials, self.streams, strict=True)
        ]
        self._order.copy_(torch.stack([order for order, _ in drawn]))
        self._steps.copy_(torch.stack([steps for _, steps in drawn]))
        self.cursor.zero_()

    def take(self, offsets: Tensor) -> tuple[Tensor, Tensor]:
        """Images at cursor + `offsets`, rotated and normalised (B, E, 28, 28), and their labels (E, B)."""
        positions = (self.cursor + offsets).expand(len(self._trials), -1)
        chosen = self._order.gather(1, positions)
        steps = self._steps.gather(1, positions.unsqueeze(2).expand(-1, -1, 4))
        turned = rotate(self._digits.images[chosen.flatten()], steps.flatten(0, 1))
        images = (
            normalise(turned, self._digits.pixels)
            .view(*chosen.shape, 28, 28)
            .transpose(0, 1)
            .contiguous()
        )
        return images, self._digits.labels[chosen]

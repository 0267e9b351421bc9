"""Command `python -m explorer.robustness`: measures accuracies of the grid's networks on corrupted digits, for `explorer.study.robustness`.

Batch norm is measured twice: as trained, and with mean and variance re-estimated on the very digits that it reads.
"""

from pathlib import Path

import torch

from explorer.digits.corruptions import CORRUPTIONS
from explorer.network import activations
from explorer.runs import measurement_cache, results
from explorer.runs.results import Results, test_split
from explorer.study import robustness
from train import engines
from train.checkpoint import Checkpoint
from train.cores import cores
from train.data import Split


def sampled(split: Split) -> Split:
    """Every `EVERY`th image, which is enough: networks are compared on the same images, and vary more between seeds."""
    every = robustness.EVERY
    return Split(split.images[::every], split.labels[::every])


def corrupted(split: Split) -> dict[str, Split]:
    """The split under every corruption and strength, by name of `CONDITIONS`."""
    return {
        robustness.column(corruption, strength): Split(
            corruption.apply(split.images, strength), split.labels
        )
        for corruption in CORRUPTIONS
        for strength in corruption.strengths
    }


def re_estimated(checkpoint: Checkpoint, split: Split, device: str) -> float:
    """Accuracy in percent of a network with batch norm, whose averages are replaced by mean and variance of the split.

    They are taken block by block over all images, so that a block sees what the earlier ones normalise with the new ones.
    """
    count = len(split.labels)
    if device == "cpu":
        from train.cpu import engine  # needs Numba

        return 100 * engine.correct_as_batch(checkpoint, split) / count
    digits = activations.by_batch(checkpoint, split.images, count).argmax(1)
    return 100 * int((digits == split.labels).sum()) / count


def main(results: Results, file: Path = robustness.FILE):
    """Measures the networks of the grid that are missing in `file`, and adds them."""
    torch.set_num_threads(1)
    device, notes = engines.prepare("auto")
    print(*notes, sep="\n")
    unchanged = sampled(test_split())
    splits = corrupted(unchanged)

    def as_trained(checkpoint: Checkpoint) -> dict[str, float]:
        read_split = engines.reader(checkpoint, device)
        return {name: 100 * read_split(split).acc for name, split in splits.items()}

    def adapted(checkpoint: Checkpoint) -> dict[str, float]:
        return {
            robustness.re_estimated(name): re_estimated(checkpoint, split, device)
            for name, split in {robustness.UNCHANGED: unchanged, **splits}.items()
        }

    on_gpu = engines.torch_device(device) == "cuda"
    workers = 1 if on_gpu else cores()
    networks = robustness.networks(results)
    measurement_cache.measure(
        file, networks, as_trained, workers, robustness.CONDITIONS
    )
    measurement_cache.measure(
        file,
        robustness.averaging(results),
        adapted,
        workers,
        robustness.RE_ESTIMATED,
    )


if __name__ == "__main__":
    main(results.load().core)

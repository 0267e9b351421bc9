"""Command `python -m explorer.network.evaluate SET`: the shares of a set of digits that the trained networks read, by norm and by configuration.

SET is an .npz file with `images` (n, 28, 28) uint8 and `labels` (n), as Draw saves it, or a zip or a folder as torchvision's MNIST has it.
The exit status is 2 for a set or a folder that cannot be read.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import torch

from explorer.digits import sets
from explorer.network import predictions, wording
from explorer.runs import device_files, results
from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study import set_scores
from explorer.study.set_scores import Scores, percent
from train import checkpoint, engines
from train.checkpoint import Checkpoint
from train.cores import cores
from train.data import Split
from train.errors import UserError
from train.evaluate import Evaluation

MOST_BY_ALL = (
    1000  # digits: a larger set is read in the page by one seed of each configuration
)
BRIGHT = 127  # mean grey level above which a set seems to have dark ink
WORTH_COMPILING = 200_000  # forward passes that take longer than a first compilation of the fast engine
COLUMNS = ("network", "norm", "configuration", "seed", "votes", "digits", "read")


def page_networks(results: Results, digits: int) -> tuple[int, ...]:
    """Indices into the voters that read a set of so many digits in the page."""
    return predictions.polled(results, digits > MOST_BY_ALL)


def evaluations(
    networks: Sequence[Checkpoint], split: Split
) -> Iterator[tuple[int, Evaluation]]:
    """Evaluation of each network, as it is done, and its index; the fastest engine reads where that is worth its compilation."""
    is_worth = (
        engines.is_compiled() or len(networks) * len(split.labels) >= WORTH_COMPILING
    )
    device, notes = engines.prepare("auto" if is_worth else "reference")
    for note in notes:
        print(note, file=sys.stderr)
    is_gpu = engines.torch_device(device) == "cuda"

    def evaluate(index: int) -> tuple[int, Evaluation]:
        return index, engines.reader(networks[index], device)(split)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a thread per network
    try:
        with ThreadPool(1 if is_gpu else cores()) as pool:
            yield from pool.imap_unordered(evaluate, range(len(networks)))
    finally:
        torch.set_num_threads(threads)


def correct(
    networks: Sequence[Checkpoint],
    split: Split,
    track: Callable[[Iterator], Iterator] = iter,
) -> np.ndarray:
    """Numbers (E,) of the set's digits that each network reads; `track` shows the progress."""
    read = np.zeros(len(networks), int)
    for index, evaluation in track(evaluations(networks, split)):
        read[index] = int(evaluation.correct.sum())
    return read


def main(arguments: list[str] | None = None):
    options = _parser().parse_args(arguments)
    try:
        split = sets.read(options.set)
        found = results.load(options.checkpoints)
        for problem in found.problems:
            print(problem, file=sys.stderr)
        if not found.finished:
            raise UserError(f"{options.checkpoints}: no trained network is there.")
        _show(found, split, options)
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _progress(done: Iterator, count: int) -> Iterator:
    from rich.console import Console
    from rich.progress import track  # here, because only this command needs it

    console = Console(stderr=True)
    return iter(track(done, f"{count} networks", count, console=console))


def _show(found: Results, split: Split, options: argparse.Namespace):
    digits = len(split.labels)
    voters = [found.voters[index] for index in page_networks(found, digits)]
    networks = [*device_files.as_on_device(voters), *found.finished]
    count = len(networks)
    both = correct(networks, split, lambda done: _progress(done, count))
    in_page, read = both[: len(voters)], both[len(voters) :]
    trials = [voter.trial for voter in voters]
    page = set_scores.scores(trials, in_page, digits)
    everyone = _everyone(found, read, digits)
    print(wording.set_scores(found, digits, len(voters)))
    if split.images.float().mean() > BRIGHT:
        print(wording.BRIGHT_SET)
    print("\n".join(_table(page, everyone, digits)))
    if options.networks:
        print()
        for network, count in zip(found.finished, read, strict=True):
            print(f"{percent(count / digits, digits):>6}  {network.trial.name}")
    if options.csv:
        _write(options.csv, found, read, digits)
        print(f"{options.csv}: a line for each of {len(read)} networks.")


def _everyone(found: Results, read: np.ndarray, digits: int) -> Scores:
    """Scores of all finished networks; of the norms without the configurations that collapsed."""
    trials = [network.trial for network in found.finished]
    learned = [
        index
        for index, trial in enumerate(trials)
        if trial.config not in found.core.collapsed
    ]
    whole = set_scores.scores(trials, read, digits)
    norms = set_scores.scores(
        [trials[index] for index in learned], read[learned], digits
    )
    return Scores(norms.norms, whole.configurations)


def _table(page: Scores, everyone: Scores, digits: int) -> list[str]:
    """Lines of norms and of configurations: percent read, interval and networks, in the page and of all."""

    def cells(group: dict, name: str) -> list[str]:
        if name not in group:
            return ["", "", ""]
        score = group[name]
        low, high = (
            percent(end, digits) for end in (score.interval.low, score.interval.high)
        )
        return [percent(score.share, digits), f"{low} to {high}", str(score.networks)]

    rows = [["", "in Draw, %", "95 %", "networks", "all, %", "95 %", "networks"]]
    for kind in ("norms", "configurations"):
        ours, all_ones = (
            {score.name: score for score in getattr(group, kind)}
            for group in (page, everyone)
        )
        names = [*ours, *(name for name in all_ones if name not in ours)]
        rows += [[name, *cells(ours, name), *cells(all_ones, name)] for name in names]
        rows.append([])
    widths = [max(map(len, column)) for column in zip(*filter(None, rows), strict=True)]
    return [
        "  ".join(
            [
                cell.ljust(width) if not place else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=False))
            ]
        ).rstrip()
        for row in rows[:-1]
    ]


def _write(path: Path, found: Results, read: np.ndarray, digits: int):
    """CSV with a line per network."""
    voters = {voter.trial.name for voter in found.voters}
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for network, count in zip(found.finished, read, strict=True):
            trial = network.trial
            votes = "yes" if trial.name in voters else "no"
            described = [trial.name, trial.norm, describe(trial), trial.seed, votes]
            table.writerow([*described, digits, count])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m explorer.network.evaluate",
        description="How much of a set of digits do the trained networks read?",
    )
    parser.add_argument(
        "set", type=Path, help="an .npz, a zip or a folder with MNIST/raw"
    )
    parser.add_argument(
        "--checkpoints", type=Path, default=checkpoint.FOLDER, help="folder of networks"
    )
    parser.add_argument("--csv", type=Path, help="file for a line per network")
    parser.add_argument(
        "--networks", action="store_true", help="also print each network"
    )
    return parser


if __name__ == "__main__":
    main()

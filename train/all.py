"""Command line: trains what is missing of all studies, or of the named part, and skips what is there."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # run as a script, from any folder

from train.errors import UserError
from train.options import Parser, parse
from train.study import Trial

if TYPE_CHECKING:
    from train.data import Mnist
    from train.sweep import Place


def main(arguments: list[str] | None = None) -> int:
    options, trials, parser = parse(arguments, __doc__)
    try:
        return _command(options)(options, trials, parser)
    except KeyboardInterrupt:
        print(
            "\nStopped. What is finished is kept; the same command does the rest.",
            file=sys.stderr,
        )
        return 130


def _command(options: argparse.Namespace) -> Callable:
    if options.merge is not None:
        return merge
    if options.on == "jobs":
        return hire
    return push if options.push else run


def run(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    # Imported here, because PyTorch takes seconds and --help needs none of it.
    from train import data, show, sweep
    from train.checkpoint import remove_partial

    out = options.out
    if not options.list:
        _make(out, parser)
    try:
        place = _place(options, data.load(options.data, options.dataset))
        device, notes = place.prepare(options.device)
    except UserError as error:
        parser.error(str(error))

    done, missing, problems = sweep.find(trials, out, options.keep_epochs)
    if options.shard:
        out = options.shard.folder(out)
        if not options.list:
            _make(out, parser)
        done, missing, others = sweep.find(options.shard.of(missing), out)
        problems += others
        notes = *notes, f"shard {options.shard.number} of {options.shard.count}, in {out}"  # fmt: skip
    show.lines([*notes, *(f"counts as missing: {problem}" for problem in problems)])
    show.lines([f"{len(done)} exist, {len(missing)} missing"])
    pace = place.measure(missing, device)
    if options.list:
        show.listing(done, missing, pace)
    if missing:
        show.lines(show.cost(missing, pace, device, place.workers(device)))
    if options.list:
        return 0
    failed = []
    if missing:
        remove_partial(out, older_than=time.time() - 60)
        with closing(place.sweep(missing, out, device)) as events:
            failed = show.follow(events, missing, done, lambda: place.workers(device))
    show.table(done)
    return 1 if failed else 0


def _place(options: argparse.Namespace, mnist: "Mnist") -> "Place":
    """Where to train. Raises `UserError`."""
    if options.on == "local":
        from train.sweep import Local

        return Local(mnist, options.workers, options.keep_epochs)
    try:
        from train.on_ray import Cluster
    except ModuleNotFoundError as error:
        raise UserError(
            f"--on ray: {error.name} is not installed; pip install -r requirements-ray.txt"
        ) from error
    return Cluster(mnist, options.address)


def _make(folder: Path, parser: Parser):
    """Makes the folder of the checkpoints, or exits with 2 where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        parser.error(f"--out {folder}: cannot be written to ({error.strerror})")


def merge(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    """Gathers what shards trained, and with `--push` uploads it; exits with 1 if a file is left out."""
    from train import hub, repository, show, sweep
    from train.merge import merge, write_index

    if absent := [str(folder) for folder in options.merge if not folder.is_dir()]:
        parser.error(f"--merge: no folder {', '.join(absent)}")
    _make(options.out, parser)
    folders = list(options.merge)
    if options.push:
        try:
            folders.append(repository.fetch(options.push, hub.credentials(options.push)))  # fmt: skip
        except UserError as error:
            parser.error(f"--push: {error}")
    merged = merge(folders, options.out)
    count, damaged = write_index(options.out)
    problems = [*merged.problems, *damaged]
    show.lines(f"left out: {problem}" for problem in problems)
    there = f"{merged.added} networks added, {merged.there} were there"
    show.lines([f"{there}, {len(problems)} left out; the index has {count}"])
    if options.push:
        return push(options, trials, parser) or bool(problems)
    done, missing, _ = sweep.find(trials, options.out)
    show.lines([f"{len(done)} exist, {len(missing)} missing"])
    return 1 if problems else 0


def push(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    """Uploads those of the trials that are trained."""
    from train import checkpoint, hub, repository, show, sweep

    try:
        token = hub.credentials(options.push)
    except UserError as error:
        parser.error(f"--push: {error}")
    done, missing, problems = sweep.find(trials, options.out)
    show.lines(f"counts as missing: {problem}" for problem in problems)
    show.lines([f"{len(done)} exist, {len(missing)} missing"])
    if not done:
        parser.error(f"--push: none of these networks is in {options.out}")
    try:
        networks = (
            checkpoint.load(checkpoint.path_of(trial, options.out)) for trial in done
        )
        address = repository.push(networks, options.out, options.push, token)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    show.lines([f"uploaded to {address}"])
    return 0


def hire(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    """Starts Jobs for what is missing, after saying what they cost."""
    from train import data, hub, on_jobs, show, sweep

    try:
        token = hub.credentials(options.push)
        place = sweep.Local(data.load(options.data, options.dataset))
        device, _ = place.prepare("cpu")
        done, missing, _ = sweep.find(trials, options.out)
        show.lines([f"{len(done)} exist, {len(missing)} missing"])
        if not missing:
            return 0
        pace = place.measure(missing, device)
        plan = on_jobs.plan(missing, options.push, options.shards, options.flavor, pace, token)  # fmt: skip
    except UserError as error:
        parser.error(str(error))
    show.lines(on_jobs.describe(plan))
    if options.dry_run:
        print(json.dumps(plan.submissions(on_jobs.REVISION), indent=2))
        return 0
    if not options.yes and input("Start them? [y/N] ").strip().lower() != "y":
        return 1
    try:
        show.lines(on_jobs.submit(plan, token))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    show.lines([f"when they have ended: train/all.py --merge --push {options.push}"])
    return 0


if __name__ == "__main__":
    sys.exit(main())

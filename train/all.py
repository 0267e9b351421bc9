"""Command line: trains what is missing of all studies, or of the named part, and skips what is there."""

import argparse
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # run as a script, from any folder

from train.errors import UserError
from train.shard import Shard
from train.study import STUDIES, Trial, rows_of, with_seeds

EVERY_STUDY = "all"
MOST_SEEDS = 1000
OVERRIDES = [field for field in fields(Trial) if field.name != "seed"]


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def parse(
    arguments: list[str] | None,
) -> tuple[argparse.Namespace, list[Trial], Parser]:
    """Options, the trials that they choose, and the parser, for further errors; exits with 2 on a bad value."""
    parser = Parser(
        prog="train/all.py",
        description=__doc__,
        epilog="Stop with Ctrl-C; the next run resumes.",
    )
    _add_choice(parser)
    _add_machine(parser)
    changes = parser.add_argument_group(
        "hyperparameters, changed in every chosen trial"
    )
    for field in OVERRIDES:
        assert isinstance(field.type, type)
        changes.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=field.type,
            metavar=field.type.__name__.upper(),
        )
    options = parser.parse_args(arguments)
    if options.seeds is not None and not 1 <= options.seeds <= MOST_SEEDS:
        parser.error(f"--seeds must be from 1 to {MOST_SEEDS}; got {options.seeds}")
    if options.workers is not None and options.workers < 1:
        parser.error(f"--workers must be 1 or more; got {options.workers}")
    try:
        if options.shard:
            options.shard = Shard.parse(options.shard)
    except ValueError as error:
        parser.error(f"--shard {error}")
    try:
        return options, _chosen(options, parser), parser
    except ValueError as error:
        parser.error(str(error))


def _add_choice(parser: Parser):
    """Adds the options that choose trials."""
    parser.add_argument(
        "--study",
        choices=(*STUDIES, EVERY_STUDY),
        help="default: all, but published with --only or a changed hyperparameter",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help="train with the seeds 1 to N; default: the study's own number, "
        "but 1 with --only or a changed hyperparameter and without --study",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="PATTERN",
        help="only trials whose name contains one of these (* and ? are wild), or row1 to row14",
    )


def _add_machine(parser: Parser):
    """Adds the options for device, processes and folders."""
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda", "reference"),
        default="auto",
        help="default: %(default)s",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="trials at once; default: one per core, one on cuda",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "checkpoints",
        help="folder of the checkpoints",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / "data",
        help="folder that has, or gets, MNIST/raw",
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        help="train only part I of N of what is missing in --out, into a folder beside it, OUT-I-of-N",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--list",
        action="store_true",
        help="say what exists and what is missing, and train nothing",
    )
    instead.add_argument(
        "--merge",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="copy the networks of these folders, verified, to --out, write its index, and train nothing",
    )
    instead.add_argument(
        "--push",
        metavar="OWNER/NAME",
        help="upload what exists to this model repository of the Hugging Face Hub, and train nothing",
    )


def _chosen(options: argparse.Namespace, parser: Parser) -> list[Trial]:
    """Chosen trials, study by study, and within a study seed by seed. Raises `ValueError` for one that cannot be trained."""
    changed = {field.name: getattr(options, field.name) for field in OVERRIDES}
    changed = {name: value for name, value in changed.items() if value is not None}
    name, seeds = options.study, options.seeds
    if not name and (options.only or changed):  # a try, for which one seed is enough
        name, seeds = "published", seeds or 1
    name = name or EVERY_STUDY
    studies = STUDIES.values() if name == EVERY_STUDY else [STUDIES[name]]
    trials: dict[Trial, None] = {}  # an ordered set
    for study in studies:
        matching = [
            replace(trial, **changed)
            for trial in study.trials
            if _matches(trial, options.only)
        ]
        trials |= dict.fromkeys(with_seeds(matching, seeds or study.seeds))
    if not trials:
        parser.error(
            f"--only: no trial of {name} matches {' '.join(options.only)}; see --list"
        )
    return list(trials)


def _matches(trial: Trial, patterns: list[str] | None) -> bool:
    rows = [f"row{number}" for number in rows_of(trial)]
    return patterns is None or any(
        pattern in rows or fnmatchcase(trial.name.lower(), f"*{pattern.lower()}*")
        for pattern in patterns
    )


def main(arguments: list[str] | None = None) -> int:
    options, trials, parser = parse(arguments)
    try:
        command = push if options.push else merge if options.merge else run
        return command(options, trials, parser)
    except KeyboardInterrupt:
        print(
            "\nStopped. What is finished is kept; the same command does the rest.",
            file=sys.stderr,
        )
        return 130


def run(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    # Imported here, because PyTorch takes seconds and --help needs none of it.
    from train import data, show, sweep
    from train.checkpoint import remove_partial

    out = options.out
    if not options.list:
        _make(out, parser)
    try:
        place = sweep.Local(data.load(options.data), options.workers)
        device, notes = place.prepare(options.device)
    except UserError as error:
        parser.error(str(error))

    done, missing, problems = sweep.find(trials, out)
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
        show.lines([show.cost(missing, pace, device, place.workers(device))])
    if options.list:
        return 0
    failed = []
    if missing:
        remove_partial(out, older_than=time.time() - 60)
        with closing(place.sweep(missing, out, device)) as events:
            failed = show.follow(events, missing, done, lambda: place.workers(device))
    show.table(done)
    return 1 if failed else 0


def _make(folder: Path, parser: Parser):
    """Makes the folder of the checkpoints, or exits with 2 where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        parser.error(f"--out {folder}: cannot be written to ({error.strerror})")


def merge(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    """Gathers what shards trained; exits with 1 if a file is left out."""
    from train import show, sweep
    from train.merge import merge, write_index

    if absent := [str(folder) for folder in options.merge if not folder.is_dir()]:
        parser.error(f"--merge: no folder {', '.join(absent)}")
    _make(options.out, parser)
    merged = merge(options.merge, options.out)
    count, damaged = write_index(options.out)
    problems = [*merged.problems, *damaged]
    show.lines(f"left out: {problem}" for problem in problems)
    there = f"{merged.added} networks added, {merged.there} were there"
    show.lines([f"{there}, {len(problems)} left out; the index has {count}"])
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


if __name__ == "__main__":
    sys.exit(main())

"""Options of the command line, and the trials that they choose."""

import argparse
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from pathlib import Path

from train.data_sets import BY_KEY, MNIST
from train.shard import Shard
from train.study import STUDIES, Trial, rows_of, studies_on, with_seeds

ROOT = Path(__file__).resolve().parent.parent
EVERY_STUDY = "all"
MOST_SEEDS = 1000
MOST_SHARDS = 1000
OVERRIDES = [one for one in fields(Trial) if one.name not in ("seed", "data_set")]


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def parse(
    arguments: list[str] | None, description: str | None = None
) -> tuple[argparse.Namespace, list[Trial], Parser]:
    """Options, the trials that they choose, and the parser, for further errors; exits with 2 on a bad value."""
    parser = Parser(
        prog="train/all.py",
        description=description,
        epilog="Stop with Ctrl-C; the next run resumes.",
    )
    _add_choice(parser)
    _add_machine(parser)
    _add_instead(parser)
    _add_jobs(parser)
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
    _check_together(options, parser)
    _complete(options)
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
        help="default: all, but published with --only or a changed hyperparameter; all are the studies of the data set",
    )
    parser.add_argument(
        "--dataset",
        choices=tuple(BY_KEY),
        help=f"of the chosen trials; default: that of the study, else {MNIST.key}",
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
        "--on",
        choices=("local", "ray", "jobs"),
        default="local",
        help="where to train: on this machine, on a Ray cluster that runs, or in Jobs of the Hugging Face Hub; default: %(default)s",
    )
    parser.add_argument(
        "--address",
        default="auto",
        help="of the cluster for --on ray; default: that of this machine",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder of the checkpoints; default: checkpoints, or checkpoints-DATASET",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / "data",
        help="folder that has, or gets, MNIST/raw, FashionMNIST/raw and so on",
    )
    parser.add_argument(
        "--keep-epochs",
        nargs="+",
        type=int,
        default=(),
        metavar="N",
        help="also save the network after these epochs, as NAME_epoch=N.safetensors; they enter no study, vote or table",
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        help="train only part I of N of what is missing in --out, into a folder beside it, OUT-I-of-N",
    )


def _add_instead(parser: Parser):
    """Adds what is done instead of training here."""
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--list",
        action="store_true",
        help="say what exists and what is missing, and train nothing",
    )
    instead.add_argument(
        "--merge",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="copy the networks of these folders, verified, to --out, write its index, and train nothing; "
        "with --push also those of the repository",
    )
    parser.add_argument(
        "--push",
        metavar="OWNER/NAME",
        help="upload what exists to this model repository of the Hugging Face Hub, and train nothing; "
        "with --on jobs the repository of source and results",
    )


def _add_jobs(parser: Parser):
    """Adds the options of `--on jobs`."""
    jobs = parser.add_argument_group("Jobs of the Hugging Face Hub, with --on jobs")
    jobs.add_argument("--flavor", default="cpu-upgrade", help="default: %(default)s")
    jobs.add_argument(
        "--shards", type=int, default=1, metavar="N", help="number of jobs"
    )
    jobs.add_argument(
        "--dry-run",
        action="store_true",
        help="print the jobs as JSON, and start none",
    )
    jobs.add_argument("--yes", action="store_true", help="start without asking")


def _check_together(options: argparse.Namespace, parser: Parser):
    """Exits with 2 if an option has a bad value, or does not go with another one."""
    if options.seeds is not None and not 1 <= options.seeds <= MOST_SEEDS:
        parser.error(f"--seeds must be from 1 to {MOST_SEEDS}; got {options.seeds}")
    if options.workers is not None and options.workers < 1:
        parser.error(f"--workers must be 1 or more; got {options.workers}")
    if any(epoch < 1 for epoch in options.keep_epochs):
        parser.error("--keep-epochs must be 1 or more")
    if options.keep_epochs and (options.shard or options.on != "local"):
        parser.error("--keep-epochs goes with --on local, and without --shard")
    if not 1 <= options.shards <= MOST_SHARDS:
        parser.error(f"--shards must be from 1 to {MOST_SHARDS}; got {options.shards}")
    if options.push and options.list:
        parser.error("argument --push: not allowed with argument --list")
    if options.on == "jobs" and not options.push:
        parser.error("--on jobs needs --push OWNER/NAME, for source and results")
    if options.merge == [] and not options.push:
        parser.error("--merge needs a folder, or --push OWNER/NAME")


def _complete(options: argparse.Namespace):
    """Sets the data set, as `train.data_sets` has it, and the folder of the checkpoints where they were not named."""
    named = STUDIES.get(options.study)
    if options.dataset:
        options.dataset = BY_KEY[options.dataset]
    else:
        options.dataset = named.data if named else MNIST
    options.out = options.out or ROOT / options.dataset.folder


def _chosen(options: argparse.Namespace, parser: Parser) -> list[Trial]:
    """Chosen trials, study by study, and within a study seed by seed. Raises `ValueError` for one that cannot be trained."""
    changed = {field.name: getattr(options, field.name) for field in OVERRIDES}
    changed = {name: value for name, value in changed.items() if value is not None}
    name, seeds = options.study, options.seeds
    if not name and (options.only or changed):  # a try, for which one seed is enough
        name, seeds = "published", seeds or 1
    own = studies_on(options.dataset)
    if not name and not own:  # a data set without a study takes the published rows
        name = "published"
    name = name or EVERY_STUDY
    studies = own if name == EVERY_STUDY else [STUDIES[name]]
    changed["data_set"] = options.dataset.name
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
    rows = [f"row{number}" for number in rows_of(replace(trial, data_set=MNIST.name))]
    return patterns is None or any(
        pattern in rows or fnmatchcase(trial.name.lower(), f"*{pattern.lower()}*")
        for pattern in patterns
    )

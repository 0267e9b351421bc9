"""The command line: trains what is missing of a study and skips what is there."""

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # run as a script, from any folder

from train.study import ROWS, STUDIES, Trial, rows_of, with_seeds

OVERRIDES = [field for field in fields(Trial) if field.name != "seed"]


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def parse(
    arguments: list[str] | None,
) -> tuple[argparse.Namespace, list[Trial], Parser]:
    parser = Parser(
        prog="train/all.py",
        description=__doc__,
        epilog="Stop with Ctrl-C; the next run resumes.",
    )
    parser.add_argument(
        "--study", choices=STUDIES, default="published", help="default: %(default)s"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="N",
        help="train with the seeds 1 to N; default: 1",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="PATTERN",
        help="of the study, only trials whose name contains one of these (* and ? are wild), or row1 to row14",
    )
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
        "--list",
        action="store_true",
        help="say what exists and what is missing, and train nothing",
    )
    changes = parser.add_argument_group(
        "hyperparameters, changed in every chosen trial"
    )
    for field in OVERRIDES:
        changes.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=field.type,
            metavar=field.type.__name__.upper(),
        )
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds must be 1 or more; got {options.seeds}")
    if options.workers is not None and options.workers < 1:
        parser.error(f"--workers must be 1 or more; got {options.workers}")
    chosen = [
        trial for trial in STUDIES[options.study] if _matches(trial, options.only)
    ]
    if not chosen:
        parser.error(
            f"--only: no trial of {options.study} matches {' '.join(options.only)}; see --list"
        )
    changed = {field.name: getattr(options, field.name) for field in OVERRIDES}
    changed = {name: value for name, value in changed.items() if value is not None}
    try:
        return (
            options,
            with_seeds([replace(trial, **changed) for trial in chosen], options.seeds),
            parser,
        )
    except ValueError as error:
        parser.error(str(error))


def _matches(trial: Trial, patterns: list[str] | None) -> bool:
    rows = [f"row{number}" for number in rows_of(trial)]
    return patterns is None or any(
        pattern in rows or fnmatchcase(trial.name.lower(), f"*{pattern.lower()}*")
        for pattern in patterns
    )


def main(arguments: list[str] | None = None) -> int:
    options, trials, parser = parse(arguments)
    try:
        return run(options, trials, parser)
    except KeyboardInterrupt:
        print(
            "\nStopped. Finished trials are kept; the same command trains the rest.",
            file=sys.stderr,
        )
        return 130


def run(options: argparse.Namespace, trials: list[Trial], parser: Parser) -> int:
    # Here, so that --help and mistakes are answered at once.
    from rich.console import Console

    from train import data, engines, sweep
    from train.checkpoint import remove_partial

    try:
        if not options.list:
            options.out.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=options.out).close()
    except OSError as error:
        parser.error(f"--out {options.out}: cannot be written to ({error.strerror})")
    try:
        mnist = data.load(options.data)
        device, notes = engines.prepare(options.device)
    except (data.DataError, engines.DeviceError) as error:
        parser.error(str(error))

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    for note in notes:
        console.print(note)
    done, missing, problems = sweep.find(trials, options.out)
    workers = options.workers or (1 if device == "cuda" else cores())
    for problem in problems:
        console.print(f"[yellow]counts as missing: {problem}")
    if options.list:
        list_trials(
            console, done, missing, sweep.measure(missing, mnist, device), workers
        )
        return 0
    if missing:
        remove_partial(options.out, older_than=time.time() - 60)
        console.print(
            f"{len(done)} trials exist, {len(missing)} to train on {device}, {workers} at once"
        )
    failed = train(
        console,
        missing,
        done,
        sweep.sweep(missing, mnist, options.out, device, workers),
        workers,
    )
    table(console, done)
    return 1 if failed else 0


def cores() -> int:
    return (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1
    )


def list_trials(console, done, missing, pace, workers: int):
    for trial, checkpoint in done.items():
        console.print(
            f"exists   {trial.name}  {checkpoint.summary['last']['test_acc']:.2%}"
        )
    for trial in missing:
        console.print(f"missing  {trial.name}  about {duration(pace.of(trial))}")
    left = (
        f", about {duration(pace.left({}, missing, workers))} with {workers} at once"
        if missing
        else ""
    )
    console.print(f"{len(done)} exist, {len(missing)} missing{left}")


def train(
    console, missing: list[Trial], done: dict, events, workers: int
) -> list[Trial]:
    """Shows the sweep as it goes; returns the trials that failed."""

    from rich.progress import BarColumn, Progress, TextColumn

    from train.sweep import Pace

    pace, failed, bars, fractions = Pace(), [], {}, {}
    waiting = list(missing)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[left]}"),
    )
    with (
        closing(events),
        Progress(*columns, console=console, transient=True) as progress,
    ):
        whole = (
            progress.add_task("all", total=len(missing), left="") if missing else None
        )
        for event in events:
            trial = event.trial
            if event.progress:
                fraction, seconds = event.progress
                if trial not in bars:
                    bars[trial] = progress.add_task(trial.name, total=1, left="")
                    waiting.remove(trial)
                fractions[trial] = fraction
                pace.record(trial, seconds / fraction / trial.epochs)
                left = duration(seconds / fraction - seconds)
                progress.update(bars[trial], completed=fraction, left=f"{left} left")
            else:
                if trial in bars:
                    progress.remove_task(bars.pop(trial))
                elif trial in waiting:
                    waiting.remove(trial)
                fractions.pop(trial, None)
                if event.failed:
                    failed.append(trial)
                    progress.console.print(
                        f"[red]failed   {trial.name}: {event.failed}"
                    )
                else:
                    done[trial] = event.finished
                    progress.console.print(
                        f"trained  {trial.name}  {outcome(event.finished)}"
                    )
            left = pace.left(fractions, waiting, workers)
            completed = (
                len(missing) - len(waiting) - len(fractions) + sum(fractions.values())
            )
            progress.update(
                whole,
                completed=completed,
                left="" if left is None else f"{duration(left)} left",
            )
    return failed


def outcome(checkpoint) -> str:
    summary = checkpoint.summary
    seconds = sum(row["seconds"] for row in checkpoint.history)
    if summary["diverged"]:
        return f"diverged in epoch {summary['diverged']}, {duration(seconds)}"
    best = summary["best"]
    return f"{summary['last']['test_acc']:.2%}, best {best['test_acc']:.2%} in epoch {best['epoch']}, {duration(seconds)}"


def table(console, done: dict):
    """One line per configuration: what was published, and the mean of our seeds after the last epoch."""
    from rich.table import Table

    published = {row.number: row.accuracy for row in ROWS}
    view = Table(
        "rows",
        "configuration",
        "published best",
        "ours last",
        "ours best",
        "seeds",
        "diverged",
    )
    configs: dict[str, list] = {}
    for checkpoint in done.values():
        configs.setdefault(checkpoint.trial.config, []).append(checkpoint)
    for config, found in configs.items():
        rows = rows_of(found[0].trial)
        summaries = [checkpoint.summary for checkpoint in found]
        whole = [summary for summary in summaries if not summary["diverged"]]
        view.add_row(
            ", ".join(map(str, rows)),
            config,
            ", ".join(f"{published[row]:.2%}" for row in rows),
            mean_accuracy(whole, "last"),
            mean_accuracy(whole, "best"),
            str(len(whole)),
            str(len(found) - len(whole)),
        )
    console.print(view)


def mean_accuracy(summaries: list[dict], epoch: str) -> str:
    found = [summary[epoch]["test_acc"] for summary in summaries]
    return f"{sum(found) / len(found):.2%}" if found else ""


def duration(seconds: float) -> str:
    """3 s, 12 min 5 s or 2 h 40 min."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


if __name__ == "__main__":
    sys.exit(main())

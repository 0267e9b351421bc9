"""Output of the command line: progress bars, one line per finished trial, and a table at the end."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from train.checkpoint import Outcome
from train.pace import Pace
from train.study import ROWS, STUDIES, Trial, rows_of
from train.sweep import Event

LOG_EVERY = 60  # seconds between lines of progress where no terminal shows bars
FAINT = 1e-4  # of a trial's learning rate: below it an epoch hardly changes weights
SHARE_OF_SUMS = 50  # the time left is computed again after 50 times what it took

console = Console(
    highlight=False, markup=False, width=None if sys.stdout.isatty() else 140
)


def lines(texts: Iterable[str]):
    for text in texts:
        console.print(text)


def listing(done: dict[Trial, Outcome], missing: list[Trial], pace: Pace):
    """Prints a line for each network that exists or is missing, then one for each study that they belong to."""
    lines(
        f"exists   {trial.name}  {outcome(trained)}" for trial, trained in done.items()
    )
    lines(
        f"missing  {trial.name}  about {duration(pace.of(trial))}" for trial in missing
    )
    lines(studies(done, missing))


def studies(done: Iterable[Trial], missing: Iterable[Trial]) -> Iterator[str]:
    """Lines for the studies that these trials belong to: how many of their networks exist."""
    asked = {*done, *missing}
    for study in STUDIES.values():
        if some := asked & study.runs:
            count = len(some.intersection(done))
            yield f"{study.name}: {count} of {len(some)} networks exist"


def cost(missing: list[Trial], pace: Pace, device: str, workers: int) -> list[str]:
    """Lines with the expected time to train the missing trials, from a measured pace."""
    seconds = pace.left({}, missing, workers)
    assert seconds is not None
    return [
        f"about {duration(seconds)} to train what is missing, on {device}, {workers} at once",
        *faint_epochs(missing),
    ]


def faint_epochs(trials: list[Trial]) -> list[str]:
    """Line with the share of the epochs whose learning rate is below `FAINT` of a trial's own; none without such epochs."""
    epochs = [
        (trial, epoch) for trial in trials for epoch in range(1, trial.epochs + 1)
    ]
    faint = sum(trial.lr_at(epoch) < FAINT * trial.lr for trial, epoch in epochs)
    if not faint:
        return []
    return [
        f"{faint / len(epochs):.0%} of the epochs are the last ones, whose learning rate is below a ten-thousandth of the first"
    ]


def follow(
    events: Iterable[Event],
    missing: list[Trial],
    done: dict[Trial, Outcome],
    workers: Callable[[], int],
) -> list[Trial]:
    """Shows the progress of a sweep, adds the trained checkpoints to `done`, and returns the trials that failed."""
    failed = []
    with Bars(missing, workers) as bars:
        for event in events:
            if event.progress:
                bars.move(event.trial, *event.progress)
                continue
            bars.end(event.trial)
            if event.finished:
                done[event.trial] = event.finished.outcome
                lines([f"trained  {event.trial.name}  {outcome(done[event.trial])}"])
            else:
                failed.append(event.trial)
                lines([f"failed   {event.trial.name}: {event.failed}"])
    return failed


class Bars(Progress):
    """Progress bars for each running trial and for all, with the expected time left."""

    def __init__(self, trials: list[Trial], workers: Callable[[], int]):
        columns = "{task.description}", "{task.percentage:>3.0f}% {task.fields[left]}"
        super().__init__(
            TextColumn(columns[0]),
            BarColumn(),
            TextColumn(columns[1]),
            console=console,
            transient=True,
        )
        self.waiting, self.workers = dict.fromkeys(trials), workers
        self.count = len(trials)
        self.pace = Pace()
        self.running: dict[Trial, float] = {}  # fraction done
        self.bars: dict[Trial, TaskID] = {}
        self.whole = self.add_task("all", total=len(trials), left="")
        self.logged, self.due = time.monotonic(), 0.0

    def move(self, trial: Trial, fraction: float, seconds: float):
        if trial not in self.bars:
            del self.waiting[trial]
            self.bars[trial] = self.add_task(trial.name, total=1, left="")
        self.running[trial] = fraction
        self.pace.record(trial, seconds / fraction / trial.epochs)
        left = duration(seconds / fraction - seconds)
        self.update(self.bars[trial], completed=fraction, left=f"{left} left")
        self._sum_up()

    def end(self, trial: Trial):
        if trial in self.bars:
            self.remove_task(self.bars.pop(trial))
            del self.running[trial]
        else:
            del self.waiting[trial]
        self._sum_up()

    def _sum_up(self):
        start = time.monotonic()
        if start < self.due:
            return
        seconds = self.pace.left(self.running, self.waiting, self.workers())
        left = "" if seconds is None else f"{duration(seconds)} left"
        done = (
            self.count
            - len(self.waiting)
            - len(self.running)
            + sum(self.running.values())
        )
        self.update(self.whole, completed=done, left=left)
        if not console.is_terminal and start - self.logged > LOG_EVERY:
            self.logged = start
            lines([f"{done / self.count:4.0%}  {left}"])
        now = time.monotonic()
        # Among a hundred thousand trials the time left takes a tenth of a second.
        self.due = now + SHARE_OF_SUMS * (now - start)


def outcome(figures: Outcome) -> str:
    """Accuracies of a trained network, or the epoch in which it diverged, with the duration."""
    seconds = duration(figures.seconds)
    if figures.diverged or not figures.best:
        return f"diverged in epoch {figures.diverged}, {seconds}"
    last, best = figures.last["test_acc"], figures.best
    return (
        f"{last:.2%}, best {best['test_acc']:.2%} in epoch {best['epoch']}, {seconds}"
    )


def table(done: dict[Trial, Outcome]):
    """Prints a row per configuration: the published accuracy, and the means over our seeds."""
    published = {row.number: row.accuracy for row in ROWS}
    heads = (
        "rows",
        "configuration",
        "published best",
        "ours last",
        "ours best",
        "seeds",
        "diverged",
    )
    view = Table(*heads)
    configs: dict[str, dict[Trial, Outcome]] = {}
    for trial, figures in done.items():
        configs.setdefault(trial.config, {})[trial] = figures
    for config, members in configs.items():
        rows = rows_of(next(iter(members)))
        whole = [figures for figures in members.values() if not figures.diverged]
        view.add_row(
            ", ".join(map(str, rows)),
            config,
            ", ".join(f"{published[row]:.2%}" for row in rows),
            _mean([figures.last["test_acc"] for figures in whole]),
            _mean([figures.best["test_acc"] for figures in whole if figures.best]),
            str(len(whole)),
            str(len(members) - len(whole)),
        )
    console.print(view)


def _mean(accuracies: list[float]) -> str:
    return f"{sum(accuracies) / len(accuracies):.2%}" if accuracies else ""


def duration(seconds: float) -> str:
    """Duration as text: "3 s", "12 min 5 s" or "2 h 40 min"."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"

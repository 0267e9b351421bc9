"""Samples in the texts that trackers export: wandb's charts and tables of runs, TensorBoard's scalars; and in plain tables, wide or long."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from explorer.study import columns
from explorer.study.columns import (
    MOST_COLUMNS,
    MOST_VALUES,
    Cells,
    Column,
    ColumnsError,
    Form,
    Sheet,
)

KINDS = WIDE, LONG, WANDB_CHART, WANDB_RUNS, TENSORBOARD = (
    "columns",
    "rows",
    "wandb chart",
    "wandb runs",
    "TensorBoard",
)
REDUCTIONS = LAST, BEST = "last", "best"
SCALARS = ("Wall time", "Step", "Value")  # header of TensorBoard
LOW, HIGH = "__MIN", "__MAX"  # beside every column of a chart of wandb
# Columns of wandb's table of runs that describe a run; Group and Name are no results either, but name samples.
ABOUT_RUNS = {
    *("State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "Updated"),
    *("ID", "Commit", "GitHub", "Hostname", "Job Type", "Description", "End Time"),
}
# What tells the runs of one recipe apart, at the end of their names.
NUMBER_OF_RUN = re.compile(
    r"[\s_\-./]*\(?(seed|run|trial|rep|repeat|fold|s)?[\s_=\-:.]*\d+\)?$", re.IGNORECASE
)
# Names of measures of which less is better.
LOSS = re.compile(
    r"(?<![a-z])(loss|error|err|perplexity|ppl|nll|mse|rmse|mae|wer|cer|fid|regret)(es|s)?(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Choice:
    """What a visitor chose; None where the visitor left it open."""

    column: str | None = None  # the measure, of long tables and of trackers
    by: str | None = None  # column whose text names the sample of a row
    reduction: str = LAST  # of the values of one run
    groups: Mapping[str, str] | None = None  # sample of a run, "" for none
    columns: tuple[str, ...] | None = None  # that are compared, of wide tables


@dataclass(frozen=True)
class Run:
    """Result of one run of a tracker; its sample is None where nobody named it."""

    name: str
    sample: str | None
    value: float
    line: int
    resolution: float
    steps: int = 1  # values of which it was chosen


@dataclass(frozen=True, eq=False)
class Table:
    """Samples of some texts, and what was chosen to get them; without columns where somebody must choose first."""

    columns: tuple[Column, ...]
    form: Form
    kind: str
    measures: tuple[str, ...] = ()  # that may be chosen
    measure: str | None = None
    labels: tuple[str, ...] = ()  # columns by which rows may be put together
    by: str | None = None
    runs: tuple[Run, ...] = ()
    left_out: tuple[str, ...] = ()  # columns that are no measure
    reduction: str | None = None  # None where runs have one value each


def is_loss(measure: str) -> bool:
    """True of a measure whose name says that lower is better: val_loss, test/error."""
    return bool(LOSS.search(measure))


def table(
    sheets: Sequence[Sheet], choice: Choice | None = None, higher_is_better: bool = True
) -> Table:
    """Table of the samples in the texts of some files, of one kind all. Raises `ColumnsError`."""
    choice = choice or Choice()
    if choice.reduction not in REDUCTIONS:
        raise ColumnsError('Of a run "last" or "best" is taken.')
    kinds = {_kind(sheet) for sheet in sheets}
    if len(kinds) != 1:
        raise ColumnsError(
            "Files of one kind are compared: these are " + " and ".join(sorted(kinds))
        )
    if TENSORBOARD in kinds:
        found = _scalars(sheets, choice, higher_is_better)
    elif WANDB_CHART in kinds:
        found = _chart(sheets, choice, higher_is_better)
    elif len(sheets) == 1 and (by := _by(sheets[0], choice)):
        found = _rows(sheets[0], choice, by)
    elif WANDB_RUNS in kinds:
        found = _rows(sheets[0], choice, "Name")
    else:
        found = _wide(sheets, choice)
    if len(found.columns) > MOST_COLUMNS:
        raise ColumnsError(
            f"{len(found.columns)} columns: at most {MOST_COLUMNS} are compared, choose among them."
        )
    return found


def _kind(sheet: Sheet) -> str:
    names = [one.name for one in sheet.cells]
    if tuple(names) == SCALARS:
        return TENSORBOARD
    if any(name + LOW in names and name + HIGH in names for name in names):
        return WANDB_CHART
    if {"Name", "State"} <= set(names):
        return WANDB_RUNS
    return WIDE


def _wide(sheets: Sequence[Sheet], choice: Choice) -> Table:
    """Every column of numbers is a sample."""
    measures = [
        (sheet, one) for sheet in sheets for one in sheet.cells if one.is_measure
    ]
    names = _distinct(
        [(PurePath(sheet.name).stem, one.name, sheet) for sheet, one in measures]
    )
    wanted = choice.columns or names
    for name in wanted:
        if name not in names:
            raise ColumnsError(f"There is no column {name} of numbers.")
    chosen = tuple(
        replace(columns.numbers(one, sheet.form, sheet.name), name=name)
        for name, (sheet, one) in zip(names, measures, strict=True)
        if name in wanted
    )
    if not chosen:
        raise ColumnsError(_no_numbers(sheets))
    return Table(
        chosen,
        _common(sheets),
        WIDE,
        tuple(names),
        labels=_labels(sheets[0]) if len(sheets) == 1 else (),
        left_out=tuple(
            one.name for sheet in sheets for one in sheet.cells if not one.is_measure
        ),
    )


def _no_numbers(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        for one in sheet.cells:
            if one.texts and one.is_text:
                where = f"{sheet.name}: " if sheet.name else ""
                return f'{where}Line {one.lines[0]}, column {one.name}: "{one.texts[0][:40]}" is no number.'
    return "There is no column of results: a column that numbers the runs is none."


def _distinct(named: Sequence[tuple[str, str, Sheet]]) -> list[str]:
    """Names of columns, with that of the file where two files use one name, and of the file alone where it has one column without a name."""
    count = Counter(column for _, column, _ in named)
    per_file = Counter(id(sheet) for _, _, sheet in named)
    names = []
    for stem, column, sheet in named:
        alone = per_file[id(sheet)] == 1 and (
            not sheet.form.has_header or count[column] > 1
        )
        if alone and stem:
            names.append(stem)
        else:
            names.append(f"{stem} {column}" if count[column] > 1 and stem else column)
    for at, name in enumerate(names):
        if name in names[:at]:
            names[at] = f"{name} ({at + 1})"
    return names


def _common(sheets: Sequence[Sheet]) -> Form:
    """Form of the first text. Raises `ColumnsError` where another one has percent signs and it has none, or the reverse."""
    first = sheets[0]
    for sheet in sheets:
        if sheet.form.is_percent != first.form.is_percent:
            raise ColumnsError(
                f"{sheet.name}: numbers {'with' if sheet.form.is_percent else 'without'} percent signs, unlike {first.name}."
            )
    return first.form


def _labels(sheet: Sheet) -> tuple[str, ...]:
    """Columns that put rows together: complete, with several texts, of which one is there twice; numbers are there twice on average."""
    rows = max(len(one.texts) for one in sheet.cells)
    return tuple(
        one.name
        for one in sheet.cells
        if one.name
        and one.name.strip().lower() not in columns.NUMBERING
        and len(one.texts) == rows
        and 2 <= len(set(one.texts))
        and len(set(one.texts))
        <= min(MOST_COLUMNS, rows - 1 if one.is_text else rows // 2)
    )


def _by(sheet: Sheet, choice: Choice) -> str | None:
    """Column that names the sample of a row; None where columns are the samples, which "" as choice says, too."""
    if choice.by == "":
        return None
    if choice.by:
        if not sheet.find(choice.by):
            raise ColumnsError(f"There is no column {choice.by}.")
        return choice.by
    texts = [
        name
        for name in _labels(sheet)
        if (cells := sheet.find(name)) and cells.is_text and name not in ABOUT_RUNS
    ]
    if choice.columns or not any(one.is_measure for one in sheet.cells):
        return None
    return "Group" if "Group" in texts else next(iter(texts), None)


def _rows(sheet: Sheet, choice: Choice, by: str) -> Table:
    """Every row is a run, of the sample that a column names."""
    label = sheet.find(by)
    kind = LONG if _kind(sheet) == WIDE else _kind(sheet)
    measures = [
        one
        for one in sheet.cells
        if one.is_measure and one.name != by and one.name not in ABOUT_RUNS
    ]
    if not measures:
        raise ColumnsError(_no_numbers([sheet]))
    cells = sheet.find(choice.column) if choice.column else measures[-1]
    if not label or not cells or cells not in measures:
        raise ColumnsError(f"There is no column {choice.column} of numbers.")
    values = columns.numbers(cells, sheet.form, sheet.name)
    of_line = dict(zip(label.lines, label.texts, strict=True))
    exact = _digits(cells, sheet.form)
    names = [of_line.get(line, "") for line in values.lines]
    titles = sheet.find("Name")
    title_of = dict(zip(titles.lines, titles.texts, strict=True)) if titles else {}
    samples = _stems(names) if len(set(names)) == len(names) else names
    runs = [
        Run(title_of.get(line, f"line {line}"), sample, value, line, digit)
        for line, sample, value, digit in zip(
            values.lines, samples, values.values.tolist(), exact, strict=True
        )
    ]
    return _of_runs(
        runs,
        choice,
        Table(
            (),
            sheet.form,
            kind,
            tuple(one.name for one in measures),
            cells.name,
            tuple(dict.fromkeys([*_labels(sheet), by])),
            by,
        ),
    )


def _digits(cells: Cells, form: Form) -> list[float]:
    return [10.0 ** columns.number(text, form.decimal, "")[1] for text in cells.texts]


def _chart(sheets: Sequence[Sheet], choice: Choice, higher_is_better: bool) -> Table:
    """wandb's export of a chart: a column per run and metric, a line per step."""
    found = []  # metric, run, sheet, cells
    for sheet in sheets:
        names = {one.name for one in sheet.cells}
        for one in sheet.cells:
            if not {one.name + LOW, one.name + HIGH} <= names or not one.texts:
                continue
            run, _, metric = one.name.rpartition(" - ")
            if run.startswith("Group: "):
                raise ColumnsError(
                    f"Line 1, column {one.name}: averages over a group of runs; export the chart without grouping."
                )
            found.append((metric, run or metric, sheet, one))
    return _histories(found, choice, higher_is_better, WANDB_CHART)


def _scalars(sheets: Sequence[Sheet], choice: Choice, higher_is_better: bool) -> Table:
    """TensorBoard's export of a scalar: one run and tag per file, a line per step."""
    found = []
    for at, sheet in enumerate(sheets, 1):
        stem = PurePath(sheet.name or f"run {at}").name.removesuffix(".csv")
        named = re.fullmatch(r"run-(.+)-tag-(.+)", stem)
        run, tag = named.groups() if named else (stem, "Value")
        found.append((tag, run.strip("."), sheet, sheet.find("Value")))
    return _histories(found, choice, higher_is_better, TENSORBOARD)


def _histories(
    found: list[tuple[str, str, Sheet, Cells]],
    choice: Choice,
    higher_is_better: bool,
    kind: str,
) -> Table:
    """Runs with a value per step, of which the last or the best is taken."""
    measures = tuple(dict.fromkeys(metric for metric, *_ in found))
    measure = choice.column or measures[-1]
    if measure not in measures:
        raise ColumnsError(f"There is no column {measure} of numbers.")
    runs = []
    for metric, name, sheet, cells in found:
        if metric != measure:
            continue
        history = columns.numbers(cells, sheet.form, sheet.name, most=None)
        best = history.values.argmax() if higher_is_better else history.values.argmin()
        at = int(best) if choice.reduction == BEST else len(history) - 1
        runs.append(
            Run(
                name,
                None,
                float(history.values[at]),
                history.lines[at],
                history.resolution,
                len(history),
            )
        )
    stems = _stems([run.name for run in runs])
    runs = [replace(run, sample=stem) for run, stem in zip(runs, stems, strict=True)]
    first = found[0][2]
    return _of_runs(
        runs,
        choice,
        Table((), first.form, kind, measures, measure, reduction=choice.reduction),
    )


def _stems(names: Sequence[str]) -> Sequence[str | None]:
    """Names of runs without the number at their end; None for all where that puts no runs together."""
    stems = [NUMBER_OF_RUN.sub("", name) or name for name in names]
    return stems if len(set(stems)) < len(names) else [None] * len(names)


def _of_runs(runs: Sequence[Run], choice: Choice, table: Table) -> Table:
    """Table with the samples of runs, in the order in which they come; without columns where fewer than two samples are named."""
    if choice.groups is not None:
        runs = [replace(run, sample=choice.groups.get(run.name)) for run in runs]
    samples: dict[str, list[Run]] = {}
    for run in runs:
        if run.sample:
            samples.setdefault(run.sample, []).append(run)
    for name, members in samples.items():
        if len(members) > MOST_VALUES:
            raise ColumnsError(f"{name}: more than {MOST_VALUES:,} runs.")
    named = tuple(
        Column(
            name,
            np.array([run.value for run in members]),
            tuple(run.line for run in members),
            min(run.resolution for run in members),
        )
        for name, members in samples.items()
    )
    return replace(table, runs=tuple(runs), columns=named if len(named) > 1 else ())

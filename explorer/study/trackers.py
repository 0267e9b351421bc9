"""Samples in the texts that trackers export: wandb's charts and tables of runs, TensorBoard's scalars; and in plain tables, wide or long."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from explorer.study import columns
from explorer.study.columns import MOST_COLUMNS, Cells, ColumnsError, Form, Sheet
from explorer.study.run_samples import (
    BEST,
    LONG,
    REDUCTIONS,
    TENSORBOARD,
    WANDB_CHART,
    WANDB_RUNS,
    WIDE,
    Choice,
    Run,
    Table,
    is_higher_better,
    of_runs,
    stems,
)

SCALARS = ("Wall time", "Step", "Value")  # header of TensorBoard
LOW, HIGH = "__MIN", "__MAX"  # beside every column of a chart of wandb
SEEDS = {"seed", "seeds", "random_seed", "random seed"}  # names of columns of seeds
FINISHED = "finished"  # state of a run in wandb
# Columns of wandb's table of runs that describe a run; Group and Name are no results either, but name samples.
ABOUT_RUNS = {
    *("State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "Updated"),
    *("ID", "Commit", "GitHub", "Hostname", "Job Type", "Description", "End Time"),
}


def table(sheets: Sequence[Sheet], choice: Choice | None = None) -> Table:
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
        found = _scalars(sheets, choice)
    elif WANDB_CHART in kinds:
        found = _chart(sheets, choice)
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
    keys = {id(sheet): _keys(sheet) for sheet in sheets}
    if len(sheets) == 1 and not keys[id(sheets[0])] and _has_gaps(measures):
        lines = {line for _, one in measures for line in one.lines}
        keys[id(sheets[0])] = {line: f"line {line}" for line in lines}
    chosen = tuple(
        replace(
            columns.numbers(one, sheet.form, sheet.name),
            name=name,
            keys=tuple(keys[id(sheet)].get(line, "") for line in one.lines)
            if keys[id(sheet)]
            else (),
        )
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


def _has_gaps(measures: Sequence[tuple[Sheet, Cells]]) -> bool:
    return len({one.lines for _, one in measures}) > 1


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
    of_line = _by_line(sheet, by)
    exact = _digits(cells, sheet.form)
    names = [of_line.get(line, "") for line in values.lines]
    title_of, state_of = _by_line(sheet, "Name"), _by_line(sheet, "State")
    titles = {line: title_of.get(line, f"line {line}") for line in label.lines}
    samples = stems(names) if len(set(names)) == len(names) else names
    keys = _keys(sheet)
    runs = [
        Run(titles[line], sample, value, line, digit, key=keys.get(line, ""))
        for line, sample, value, digit in zip(
            values.lines, samples, values.values.tolist(), exact, strict=True
        )
    ]
    return of_runs(
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
            also_by=tuple(
                name
                for name in _labels(sheet)
                if name not in (by, cells.name) and name not in ABOUT_RUNS
            )
            if choice.by is None
            else (),
            unfinished=tuple(
                f"{titles[line]} ({state_of[line]})"
                for line in values.lines
                if state_of.get(line, FINISHED).lower() != FINISHED
            ),
            without_value=tuple(
                titles[line] for line in label.lines if line not in values.lines
            ),
        ),
    )


def _by_line(sheet: Sheet, name: str) -> dict[int, str]:
    """Texts of a column by line; none where there is no such column."""
    cells = sheet.find(name)
    return dict(zip(cells.lines, cells.texts, strict=True)) if cells else {}


def _keys(sheet: Sheet) -> dict[int, str]:
    """Keys that pair the runs of a table, by line: "seed 3"; none where there is no column of seeds."""
    seeds = next((x for x in sheet.cells if x.name.strip().lower() in SEEDS), None)
    if not seeds:
        return {}
    every = {line for cells in sheet.cells for line in cells.lines}
    of_line = {line: f"no seed in line {line}" for line in every}
    for line, text in zip(seeds.lines, seeds.texts, strict=True):
        of_line[line] = f"seed {text.strip().removesuffix('.0')}"
    return of_line


def _digits(cells: Cells, form: Form) -> list[float]:
    return [10.0 ** columns.number(text, form.decimal, "")[1] for text in cells.texts]


def _chart(sheets: Sequence[Sheet], choice: Choice) -> Table:
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
    return _histories(found, choice, WANDB_CHART)


def _scalars(sheets: Sequence[Sheet], choice: Choice) -> Table:
    """TensorBoard's export of a scalar: one run and tag per file, a line per step."""
    found = []
    for at, sheet in enumerate(sheets, 1):
        stem = PurePath(sheet.name or f"run {at}").name.removesuffix(".csv")
        named = re.fullmatch(r"run-(.+)-tag-(.+)", stem)
        run, tag = named.groups() if named else (stem, "Value")
        found.append((tag, run.strip("."), sheet, sheet.find("Value")))
    return _histories(found, choice, TENSORBOARD)


def _histories(
    found: list[tuple[str, str, Sheet, Cells]],
    choice: Choice,
    kind: str,
) -> Table:
    """Runs with a value per step, of which the last or the best is taken."""
    measures = tuple(dict.fromkeys(metric for metric, *_ in found))
    measure = choice.column or measures[-1]
    if measure not in measures:
        raise ColumnsError(f"There is no column {measure} of numbers.")
    is_up = is_higher_better(measure, choice)
    runs, ends = [], []
    for metric, name, sheet, cells in found:
        if metric != measure:
            continue
        history = columns.numbers(cells, sheet.form, sheet.name, most=None)
        best = history.values.argmax() if is_up else history.values.argmin()
        at = int(best) if choice.reduction == BEST else len(history) - 1
        ends.append(history.lines[-1])
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
    samples = stems([run.name for run in runs])
    runs = [replace(run, sample=one) for run, one in zip(runs, samples, strict=True)]
    early = (run.name for run, end in zip(runs, ends, strict=True) if end < max(ends))
    form, reduction = found[0][2].form, choice.reduction
    table = Table((), form, kind, measures, measure, reduction=reduction)
    return of_runs(runs, choice, replace(table, early=tuple(early)))

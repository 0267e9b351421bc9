"""JSON of the judgement of columns that somebody brings: one answer for the page, the endpoint and the command."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from explorer.study import columns, run_samples, trackers, value_tables, values, wording
from explorer.study.columns import Column, ColumnsError, Sheet
from explorer.study.run_samples import Choice, Table
from explorer.study.statistics import LEVEL, Interval
from explorer.study.values import Judged, Pair, Setting
from explorer.study.wording.values import FRACTION, GIVEN, PERCENT

MOST_FILES = 50
# Types of the parts of a question, which may be missing.
KINDS = {
    **dict.fromkeys(("column", "by", "reduction", "decimal", "unit"), str),
    **dict.fromkeys(("names", "groups"), dict),
    **dict.fromkeys(("paired", "higher_is_better", "header"), bool),
    "columns": list,
}


@dataclass(frozen=True)
class File:
    """Text that somebody pasted, which has no name, or dropped."""

    name: str
    text: str


@dataclass(frozen=True, eq=False)
class Answer:
    """Samples of some texts and their judgement; None where somebody must choose the runs of each sample first."""

    table: Table
    unit: str
    own_names: tuple[str, ...]  # of the columns, in the texts
    higher_is_better: bool
    is_lower_by_name: bool = False  # lower is better, says the name of the measure
    judged: Judged | None = None
    is_unit_chosen: bool = False


def answer(
    files: Sequence[File],
    setting: Setting,
    choice: Choice | None = None,
    unit: str | None = None,
    names: Mapping[str, str] | None = None,
    decimal: str | None = None,
    header: bool | None = None,
) -> Answer:
    """Answer to some texts: all that the page, the endpoint and the command say. Raises `ColumnsError`.

    `unit` is "percent" (differences are points), "fraction" (shown as percent: numbers times 100, while margin and deviation are
    in points already), another label, or "" for none; None: percent where the numbers have percent signs. `names` rename columns. The
    direction is that of `choice`, or of the measure's name, not that of `setting`.
    """
    taken = _take(files, choice or Choice(), unit, names, decimal, header)
    return _judge(taken, setting)


def _take(
    files: Sequence[File],
    choice: Choice,
    unit: str | None,
    names: Mapping[str, str] | None,
    decimal: str | None,
    header: bool | None,
) -> Answer:
    """Samples of some texts, not judged yet. Raises `ColumnsError`."""
    sheets = _sheets(files, decimal, header)
    table = trackers.table(sheets, choice)
    is_up = run_samples.is_higher_better(table.measure, choice)
    is_chosen = unit is not None
    if unit is None:
        unit = PERCENT if table.form.is_percent else GIVEN
    samples = [
        replace(one, name=str((names or {}).get(one.name, "")).strip() or one.name)
        for one in table.columns
    ]
    if unit == FRACTION:
        samples = map(_in_percent, samples)
    own_names = tuple(one.name for one in table.columns)
    by_name = not is_up and choice.higher_is_better is None
    return Answer(
        replace(table, columns=tuple(samples)),
        unit,
        own_names,
        is_up,
        by_name,
        is_unit_chosen=is_chosen,
    )


def _judge(taken: Answer, setting: Setting) -> Answer:
    samples = taken.table.columns
    if not taken.is_unit_chosen:
        _check_units(samples)
    setting = replace(setting, higher_is_better=taken.higher_is_better)
    return replace(taken, judged=values.judge(samples, setting) if samples else None)


def _check_units(samples: Sequence[Column]):
    """Raises `ColumnsError` where one column seems to be in fractions and another one in percent."""
    for fraction in samples:
        for percent in samples:
            low, high = fraction.values, percent.values
            if 0 <= low.min() and low.max() <= 1 and 20 <= high.min() <= high.max() <= 100:  # fmt: skip
                raise ColumnsError(
                    f"Column {fraction.name} lies between 0 and 1, {percent.name} between 20 and 100: fractions and percent? "
                    "Bring both in one unit, or name a unit if they have the same.",
                    "unit",
                )


def _sheets(
    files: Sequence[File], decimal: str | None, header: bool | None
) -> list[Sheet]:
    if len(files) > MOST_FILES:
        raise ColumnsError(f"{len(files)} files: at most {MOST_FILES} are read.")
    size = sum(len(file.text.encode()) for file in files)
    if not files or size > columns.MOST_BYTES:
        raise ColumnsError(
            f"The files have more than {columns.MOST_BYTES // 1000} KB."
            if files
            else "There is no text."
        )
    for at, file in enumerate(files):
        if file.name and file in files[:at]:
            raise ColumnsError(f"The file {file.name} is there twice.")
    return [columns.read(file.text, file.name, decimal, header) for file in files]


def _in_percent(column: Column) -> Column:
    return replace(
        column, values=100 * column.values, resolution=100 * column.resolution
    )


def of_question(question: Mapping, ours: float | None = None) -> dict:
    """Answer to the page's question, of which every key but `files` may be missing. Raises `ColumnsError`.

    {"files": [{"name": "", "text": "..."}], "column": null, "by": null, "reduction": "last", "groups": null, "columns": null,
    "names": {"<column>": "<its new name>"}, "decimal": null, "header": null, "paired": false, "higher_is_better": null, "unit": null, "margin": null,
    "deviation": null}: `groups` has the sample of each run by name, "" to leave it out; `columns` are those of a wide table that are
    compared; `higher_is_better` is true where null, but false for a tracker's measure with the name of a loss; `deviation` is a number, or
    "ours" for the deviation between runs of our own networks, `ours`. Where the text can be read but not judged, the answer has "error",
    "field", the setting that is wrong, and "found".
    """
    files = question.get("files")
    if not isinstance(files, list) or not all(
        isinstance(one, Mapping) and isinstance(one.get("text"), str) for one in files
    ):
        raise ColumnsError("There is no text.")
    for key, kind in KINDS.items():
        if not isinstance(question.get(key), kind | None):
            raise ColumnsError(f"The question has a damaged part: {key}.")
    is_ours = question.get("deviation") == "ours"
    setting = Setting(
        question.get("margin"),
        bool(question.get("paired")),
        deviation=ours if is_ours else question.get("deviation"),
    )
    chosen = question.get("columns")
    choice = Choice(
        question.get("column"),
        question.get("by"),
        question.get("reduction") or run_samples.LAST,
        question.get("higher_is_better"),
        question.get("groups"),
        tuple(chosen) if chosen else None,
    )
    parts = [question.get(key) for key in ("unit", "names", "decimal", "header")]
    texts = [File(str(one.get("name") or ""), one["text"]) for one in files]
    taken = _take(texts, choice, *parts)
    if not taken.table.runs and question.get("reduction"):
        # A link to results of a tracker holds their columns, and says what they were.
        table = replace(taken.table, reduction=choice.reduction)
        taken = replace(taken, table=table)
    try:
        return record(_judge(taken, setting), is_ours)
    except ColumnsError as error:
        return {"error": str(error), "field": error.field, "found": _found(taken)}


def record(result: Answer, is_ours: bool = False) -> dict:
    """JSON of an answer: `found` is what was found out about the text, and what may be chosen; `pairs` have the keys of `of_lists`, but
    `a` and `b` are positions in `columns`.

    Where `judged` is false, `verdict` says what is to be chosen, and there is nothing else.
    """
    table = result.table
    said = {"found": _found(result), "judged": result.judged is not None}
    words = wording.values
    if not result.judged:
        return said | {"verdict": words.needed(table)}
    judged = result.judged
    return said | {
        "verdict": words.verdict(judged, result.unit),
        "notes": words.notes(judged, result.unit, table, is_ours),
        "plan": words.plan(judged, result.unit),
        "unit": words.of_differences(result.unit),
        "unit_of_values": words.of_values(result.unit),
        "digits": words.digits(judged),
        "margin": judged.setting.margin,
        "paired": judged.setting.is_paired,
        "higher_is_better": judged.setting.higher_is_better,
        "columns": [
            _column(column, judged)
            | {"lines": [*column.lines], "resolution": column.resolution}
            for column in judged.columns
        ],
        "best": [column.name for column in judged.best],
        "pairs": [
            _pair(pair, judged, result.unit)
            | {
                "a": judged.columns.index(pair.a),
                "b": judged.columns.index(pair.b),
                "chance": words.chance(pair),
            }
            for pair in judged.pairs
        ],
        "table": value_tables.as_json(value_tables.judged(judged, result.unit)),
    }


def _found(result: Answer) -> dict:
    """Findings about a text, in a sentence and by part, and what may be chosen."""
    table = result.table
    return {
        "sentence": found_sentence(result),
        "lower_by_name": result.is_lower_by_name,
        "kind": table.kind,
        "delimiter": table.form.delimiter,
        "decimal": table.form.decimal,
        "header": table.form.has_header,
        "percent": table.form.is_percent,
        "fractions": wording.values.are_fractions(table),
        "measures": [*table.measures],
        "measure": table.measure,
        "labels": [*table.labels],
        "by": table.by,
        "reduction": table.reduction,
        "left_out": [*table.left_out],
        "columns": [
            {"own_name": own_name, "name": one.name, "runs": len(one)}
            for own_name, one in zip(result.own_names, table.columns, strict=True)
        ],
        "runs": [
            {
                "name": run.name,
                "sample": run.sample,
                "value": run.value,
                "line": run.line,
            }
            for run in table.runs
        ],
    }


def found_sentence(result: Answer) -> str:
    """Findings about a text that was read."""
    return wording.values.found(
        result.table, result.unit, result.higher_is_better, result.is_lower_by_name
    )


def of_lists(
    a: Sequence[float], b: Sequence[float], names: Sequence[str], setting: Setting
) -> dict:
    """Comparison of two lists with the keys of `records.comparison`; what needs each image's answers is None. Raises `ColumnsError`."""
    if setting.margin is None:
        raise ColumnsError("Name a margin: the margin must be a number above 0.")
    judged = values.judge(columns.of_lists([a, b], names), setting)
    (pair,) = judged.pairs
    return {
        "a": _column(pair.a, judged),
        "b": _column(pair.b, judged),
        "notes": wording.values.notes(judged, GIVEN),
        **_pair(pair, judged, GIVEN),
    }


def _pair(pair: Pair, judged: Judged, unit: str) -> dict:
    """Comparison of two columns without the columns themselves."""
    gap = pair.decision.gap
    return {
        "outcome": pair.decision.outcome,
        "verdict": wording.values.of_pair(pair, judged, unit),
        "difference": {
            "points": gap.estimate,
            **asdict(pair.decision.interval_at(LEVEL)),
            "new_images": None,
            "p": gap.p,
            "p_equivalent": gap.p_equivalent,
            "margin": gap.margin,
            "corrected": asdict(pair.decision.interval),
            "p_adjusted": pair.decision.p,
        },
        "family": len(judged.pairs),
        "detectable": pair.decision.detectable,
        "a_beats_b": pair.superiority_interval
        and {"probability": pair.superiority, **asdict(pair.superiority_interval)},
        "one_run": None,
        "more_seeds": pair.decision.more_seeds,
    }


def _column(column: Column, judged: Judged) -> dict:
    sample = judged.samples[judged.columns.index(column)]
    interval: Interval | None = values.mean_interval(sample)
    return {
        "trial": column.name,
        "seeds": len(column),
        "accuracies": column.values.tolist(),
        "mean": sample.mean,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "new_images": None,
        "deviation": values.deviation(sample),
        "deviation_on_all_images": None,
        "independent_deviation": None,
    }

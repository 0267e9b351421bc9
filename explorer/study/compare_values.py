"""Command `python -m explorer.study.compare_values a.csv b.csv --margin 0.1`: says whether the difference between results is real.

The files have one run a line: one column each, or one file with two columns or more; exports of wandb and TensorBoard are read as they are.
The exit status is 0 whatever the verdict, and 2 for input that cannot be compared.
"""

import argparse
import codecs
import sys
from pathlib import Path

from explorer.study import value_records, value_tables
from explorer.study.columns import MOST_BYTES, ColumnsError
from explorer.study.run_samples import BEST, LAST, Choice
from explorer.study.value_records import Answer, File
from explorer.study.values import Setting
from explorer.study.wording import values as words


def main(arguments: list[str] | None = None):
    options = _parser().parse_args(arguments)
    try:
        result = value_records.answer(
            [_file(name) for name in options.files],
            Setting(
                options.margin,
                options.paired,
                deviation=options.deviation,
            ),
            Choice(
                options.column,
                options.by,
                BEST if options.best else LAST,
                options.higher_is_better,
            ),
            options.unit,
            decimal=options.decimal,
            header=options.header,
        )
        print("\n".join(_lines(result)))
    except ColumnsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _file(name: str) -> File:
    """Text of a file, or of the standard input. Raises `ColumnsError`."""
    if name == "-":
        return File("", sys.stdin.read(MOST_BYTES + 1))
    try:
        with Path(name).open("rb") as file:
            data = file.read(2 * MOST_BYTES + 2)  # UTF-16 has two bytes a letter
    except OSError as error:
        raise ColumnsError(f"{name}: {error.strerror}.") from None
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise ColumnsError(f"{name}: no text in UTF-8 or UTF-16.") from None
    return File(Path(name).name, text)


def number(text: str) -> float:
    """Number of an option, with a decimal point or comma."""
    return float(text.replace(",", "."))


def _lines(result: Answer) -> list[str]:
    """Sentences and table of an answer. Raises `ColumnsError` where runs must be put together first."""
    if not result.judged:
        raise ColumnsError(words.needed(result.table) + " Name a column with --by.")
    sentences = [
        value_records.found_sentence(result),
        words.verdict(result.judged, result.unit),
        words.notes(result.judged, result.unit, result.table),
        words.plan(result.judged, result.unit),
    ]
    frame = value_tables.judged(result.judged, result.unit)
    rows = [f"{what}: {value}" for what, value in frame.to_numpy().tolist()]
    return [*filter(None, sentences), "", *rows]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m explorer.study.compare_values",
        description="Is the difference between your results real?",
    )
    parser.add_argument(
        "files", nargs="+", help="texts with one run a line; - is the standard input"
    )
    parser.add_argument(
        "--margin",
        type=number,
        required=True,
        help="differences below it count as none, in the unit of the numbers",
    )
    parser.add_argument(
        "--paired", action="store_true", help="run i of all columns has the same seed"
    )
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument(
        "--higher-is-better",
        action="store_true",
        default=None,
        help="the default, but for measures with the name of a loss",
    )
    direction.add_argument(
        "--lower-is-better", action="store_false", dest="higher_is_better", default=None
    )
    parser.add_argument(
        "--deviation",
        type=number,
        help="standard deviation between runs, for columns with a single one",
    )
    parser.add_argument(
        "--unit",
        help='"percent", "fraction" (shown as percent, with a margin in points), or a name',
    )
    parser.add_argument("--column", help="results, of a table with a line per run")
    parser.add_argument("--by", help="column that names the sample of a run")
    parser.add_argument(
        "--best", action="store_true", help="best value of each run, not the last"
    )
    parser.add_argument("--decimal", choices=(".", ","), help="found out by default")
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first line has names, found out by default",
    )
    return parser


if __name__ == "__main__":
    main()

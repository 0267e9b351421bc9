"""Columns of results that somebody brings: the one parser of their text, with what it found out about its form.

Every error is a `ColumnsError` whose sentence names line and column.
"""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from train.errors import UserError

MOST_BYTES = 200_000  # of all texts together
MOST_VALUES = 1_000  # of a column
MOST_COLUMNS = 20  # that are compared: 190 pairs
DECIMALS = POINT, COMMA = ".", ","
SPACES = " "  # delimiter: one space or more
# Names of columns that number the runs instead of measuring them.
NUMBERING = {
    *("", "#", "id", "index", "no", "run", "trial", "unnamed: 0"),
    *("seed", "seeds", "random_seed", "random seed", "step", "_step", "global_step"),
}
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,4})?\s*%?", re.IGNORECASE)
# Numbers with thousands separators, by their decimal sign; and numbers of which the one sign may be either.
GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}((,\d{3}){2,}(\.\d*)?|(,\d{3})+\.\d*)\s*%?"),
    ",": re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}(,\d*)?|(\.\d{3})+,\d*)\s*%?"),
}
ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\s*%?")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|∞)", re.IGNORECASE)


class ColumnsError(UserError, ValueError):
    """Text or numbers that cannot be compared; the message is one sentence that names line and column where there is one.

    `field` is the setting that is wrong, and empty where the text is.
    """

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Form:
    """Form of a text, as it was found out."""

    delimiter: str  # "\t", ";", ",", `SPACES`; "" for a single column
    decimal: str  # "." or ","
    has_header: bool
    is_percent: bool  # numbers have percent signs


@dataclass(frozen=True, eq=False)
class Column:
    """Named column of finite numbers, one per run."""

    name: str
    values: np.ndarray
    lines: tuple[int, ...]  # of the text, from 1; of a list the positions
    resolution: float  # one in the last digit that is shown
    keys: tuple[str, ...] = ()  # what pairs the runs, "seed 3"; empty: their order

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Cells:
    """Column of a text as it stands there; blank cells are left out."""

    name: str
    texts: tuple[str, ...]
    lines: tuple[int, ...]

    @cached_property
    def is_text(self) -> bool:
        """True where no cell is a number, NaN or infinity."""
        return not any(map(_is_numeric, self.texts))

    @property
    def is_measure(self) -> bool:
        """False of texts, and of columns whose name says that they number the runs."""
        return not self.is_text and self.name.strip().lower() not in NUMBERING


@dataclass(frozen=True)
class Sheet:
    """Columns of one text, and its form."""

    cells: tuple[Cells, ...]
    form: Form
    name: str = ""  # of its file

    def find(self, name: str) -> Cells | None:
        return next((one for one in self.cells if one.name == name), None)


def read(
    text: str, name: str = "", decimal: str | None = None, header: bool | None = None
) -> Sheet:
    """Sheet of a text with one run a line: CSV, TSV, semicolons, spaces, or one column.

    `decimal` is "." or ",", `header` whether the first line has names; without them they are found out. Raises `ColumnsError`.
    """
    if len(text.encode()) > MOST_BYTES:
        raise ColumnsError(
            f"{_file(name)}The text has more than {MOST_BYTES // 1000} KB."
        )
    if decimal not in (None, *DECIMALS):
        raise ColumnsError('The decimal sign is "." or ",".')
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ColumnsError(f"{_file(name)}There is no number in it: it is empty.")
    delimiter = _delimiter(text, decimal, name)
    rows = [(line, cells) for line, cells in _rows(text, delimiter) if any(cells)]
    if not rows:
        raise ColumnsError(f"{_file(name)}There is no number in it.")
    has_header = _has_header(rows, name) if header is None else header
    names = rows[0][1] if has_header else list(_letters(len(rows[0][1])))
    _check_names(names, rows[0][0], name)
    body = rows[has_header:]
    if not body:
        raise ColumnsError(f"{_file(name)}Only a header, and no number below it.")
    for line, cells in body:
        if len(cells) > len(names):
            raise ColumnsError(
                f"{_file(name)}Line {line} has {len(cells)} cells, {'the header' if has_header else 'the first line'} {len(names)}."
            )
    columns = tuple(
        Cells(
            column,
            tuple(cells[at] for _, cells in body if at < len(cells) and cells[at]),
            tuple(line for line, cells in body if at < len(cells) and cells[at]),
        )
        for at, column in enumerate(names)
    )
    columns = tuple(one for one in columns if one.texts or one.name)
    return Sheet(columns, _form(columns, delimiter, has_header, decimal, name), name)


def _has_header(rows: list[tuple[int, list[str]]], name: str) -> bool:
    """True where the first line has names. Raises `ColumnsError` where some of its cells are numbers and others are not."""
    line, first = rows[0]
    texts = [cell for cell in first if cell and not _is_numeric(cell)]
    known = [cell for cell in first if cell and _is_numeric(cell)]
    if not texts or not known:
        return bool(texts)
    if all(not _is_numeric(x[0]) and all(map(_is_numeric, x[1:])) for _, x in rows):
        raise ColumnsError(
            f"{_file(name)}Line {line}: the results are laid out in rows, one recipe a line; turn the table, so that each has a column."
        )
    raise ColumnsError(
        f'{_file(name)}Line {line}: "{_short(known[0])}" is a number and "{_short(texts[0])}" is none: say whether this line is a header.',
        "header",
    )


def _file(name: str) -> str:
    return f"{name}: " if name else ""


def _letters(count: int) -> Iterator[str]:
    """A, B, ..., Z, AA, ... for columns without names."""
    for number in range(count):
        yield ("" if number < 26 else chr(64 + number // 26)) + chr(65 + number % 26)


def _is_numeric(text: str) -> bool:
    text = _plain(text)
    forms = (NUMBER, NOT_FINITE, *GROUPED.values())
    return any(form.fullmatch(text) for form in forms)


def _plain(text: str) -> str:
    """Text with the signs of a keyboard: no Unicode minus, no spaces that do not break."""
    return text.replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ").strip()


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Lines by number, from 1, with their cells."""
    if delimiter in ("", SPACES):
        for line, row in enumerate(text.splitlines(), 1):
            yield line, row.split() if delimiter else [row.strip().strip('"')]
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        before = 0
        for cells in reader:
            yield before + 1, [cell.strip() for cell in cells]
            before = reader.line_num
    except csv.Error as error:
        raise ColumnsError(f"Line {reader.line_num} is no CSV: {error}.") from None


def _delimiter(text: str, decimal: str | None, name: str) -> str:
    """Delimiter of the columns. Raises `ColumnsError` where a comma may be either."""
    lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    for sign in "\t;":
        if sign in text:
            return sign
    if "," in text and decimal != COMMA and _comma_delimits(lines, decimal, name):
        return ","
    body = lines[1:] or lines
    if all(len(line.split()) > 1 for _, line in body) and all(
        _is_numeric(cell) for _, line in body for cell in line.split()
    ):
        return SPACES
    return ""


def _comma_delimits(lines: list, decimal: str | None, name: str) -> bool:
    if decimal == POINT or re.search(
        r'\d\.\d|,\s|"|,\s*,', "\n".join(x for _, x in lines)
    ):
        return True
    tokens = [token for _, line in lines for token in line.split()]
    numbers = [token for token in tokens if NUMBER.fullmatch(token)]
    first = lines[0][1]
    if len(numbers) == len(tokens) and any(len(x.split()) > 1 for _, x in lines):
        return False  # "99,1 98,7"
    body = [line for _, line in lines[1:]] or [first]
    one_each = all(NUMBER.fullmatch(line.strip()) for line in body)
    if not one_each:
        # A header of several words over "99,1 98,7".
        return not all(NUMBER.fullmatch(t) for line in body for t in line.split())
    if not _is_numeric(first.split(",")[0]):  # a header tells
        return "," in first
    if not any("," in line for line in body):
        return True
    raise ColumnsError(
        f'{_file(name)}Line {lines[0][0]}: "{_short(first)}" may be one number with a decimal comma, or two numbers: '
        "choose the decimal sign, or add a header."
    )


def _check_names(names: Sequence[str], line: int, file: str):
    seen: dict[str, int] = {}
    for at, name in enumerate(names, 1):
        if name and name in seen:
            raise ColumnsError(
                f'{_file(file)}Line {line}: column {at} has the name "{_short(name)}" of column {seen[name]}.'
            )
        seen[name] = at


Where = tuple[str, int, str]  # column, line and text of a cell


def _signs(columns: Sequence[Cells]) -> tuple[dict[str, Where], ...]:
    """First cell with each decimal sign; of those the ones with groups of thousands; numbers such as 1,234 that may be either; and
    the first cells with and without a percent sign."""
    signs, grouped, single, percent = {}, {}, {}, {}
    for one in columns:
        if not one.is_measure:
            continue
        for text, line in zip(one.texts, one.lines, strict=True):
            where = one.name, line, text
            plain = _plain(text)
            for sign in DECIMALS:
                if GROUPED[sign].fullmatch(plain):
                    grouped.setdefault(sign, where)
                elif sign in plain and ONE_GROUP.fullmatch(plain):
                    single.setdefault(sign, where)
                elif sign in plain and NUMBER.fullmatch(plain):
                    signs.setdefault(sign, where)
            if _is_numeric(plain):
                percent.setdefault("%" in text, where)
    return signs, grouped, single, percent


def _form(
    columns: Sequence[Cells], delimiter: str, has_header: bool, decimal, name: str
) -> Form:
    """Form of the numbers. Raises `ColumnsError` where points and commas, or columns with and without percent signs, are mixed."""
    signs, grouped, single, percent = _signs(columns)
    signs |= grouped
    _read_groups(signs, grouped, single, decimal, name)
    if decimal:
        signs = {decimal: signs.pop(decimal, ("", 0, ""))} | signs
    if len(signs) > 1:
        column, line, text = [*signs.values()][1]
        raise ColumnsError(
            f'{_at(name, line, column)}"{_short(text)}" has another decimal sign than the numbers before it.'
        )
    if len(percent) > 1:
        column, line, text = [*percent.values()][1]
        raise ColumnsError(
            f'{_at(name, line, column)}"{_short(text)}" {"has a" if "%" in text else "has no"} percent sign, the numbers before it '
            f"{'have none' if '%' in text else 'have one'}."
        )
    return Form(delimiter, next(iter(signs), POINT), has_header, True in percent)


def _read_groups(signs: dict, grouped: dict, single: dict, decimal, name: str):
    """Adds to `signs` the decimal signs of numbers such as 1.234, but where separators of thousands are known. Raises `ColumnsError` for 1,234 alone."""
    if POINT in single and not (COMMA in grouped or decimal == COMMA):
        signs.setdefault(POINT, single[POINT])
    if COMMA not in single or decimal or COMMA in signs or POINT in grouped:
        return
    column, line, text = single[COMMA]
    bare = text.replace(COMMA, "")
    raise ColumnsError(
        f'{_at(name, line, column)}"{text}" may be {text.replace(COMMA, POINT)} or {bare}: choose the decimal sign.',
        "decimal",
    )


def _at(file: str, line: int, column: str) -> str:
    return f"{_file(file)}Line {line}, column {_short(column) or 'without a name'}: "


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def numbers(
    cells: Cells, form: Form, file: str = "", most: int | None = MOST_VALUES
) -> Column:
    """Column of finite numbers, at most so many. Raises `ColumnsError` for the first cell that is none, and for too many."""
    if most and len(cells.texts) > most:
        raise ColumnsError(
            f"{_at(file, cells.lines[most], cells.name)}more than {most:,} values."
        )
    if not cells.texts:
        raise ColumnsError(f"{_file(file)}Column {_short(cells.name)} has no number.")
    pairs = [
        number(text, form.decimal, _at(file, line, cells.name))
        for text, line in zip(cells.texts, cells.lines, strict=True)
    ]
    values, digits = zip(*pairs, strict=True)
    # Digits beyond those of a float show nothing.
    finest = 4 * float(np.spacing(np.abs(values).max()))
    resolution = max(10.0 ** min(digits), finest, SMALLEST)
    return Column(cells.name, np.array(values), cells.lines, resolution)


def number(text: str, decimal: str, where: str) -> tuple[float, int]:
    """Finite number of a cell, and the power of ten of its last shown digit. Raises `ColumnsError`."""
    plain = _plain(text)
    if NOT_FINITE.fullmatch(plain):
        raise ColumnsError(f'{where}"{_short(text)}" is no finite number.')
    other = COMMA if decimal == POINT else POINT
    if GROUPED[decimal].fullmatch(plain) or (
        other in plain and ONE_GROUP.fullmatch(plain)
    ):
        plain = plain.replace(other, "")
    if not NUMBER.fullmatch(plain):
        raise ColumnsError(f'{where}"{_short(text)}" is no number.')
    plain = plain.rstrip("% ").replace(decimal, POINT)
    value = float(plain) if COMMA not in plain else math.nan
    if not is_usable(value):
        raise ColumnsError(
            f'{where}"{_short(text)}" is no number that can be used: its size must lie {RANGE}, so give all in another unit.'
        )
    exponent = Decimal(plain).as_tuple().exponent
    assert isinstance(exponent, int)
    return value, max(-99, min(exponent, 50))


def is_usable(value: float) -> bool:
    """True of 0 and of numbers whose fourth powers are numbers."""
    return value == 0 or SMALLEST <= abs(value) <= LARGEST


LARGEST, SMALLEST = 1e50, 1e-50  # of sizes: their fourth powers are numbers
RANGE = f"between {SMALLEST:g} and {LARGEST:g}"


def of_lists(lists: Sequence[Sequence[float]], names: Sequence[str]) -> list[Column]:
    """Columns of lists of numbers, whose last digit is the finest of all lists, because lists drop zeros. Raises `ColumnsError`."""
    columns = []
    for name, values in zip(names, lists, strict=True):
        if not isinstance(name, str) or not name.strip():
            raise ColumnsError("The name of a column must be a text.", "names")
        name = _short(name)
        if not isinstance(values, list | tuple) or not values:
            raise ColumnsError(f"Column {name}: a list of numbers is needed.")
        for at, value in enumerate(values, 1):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ColumnsError(
                    f'Line {at}, column {name}: "{_short(str(value))}" is no number.'
                )
        cells = Cells(
            name, tuple(map(_shown, values)), tuple(range(1, len(values) + 1))
        )
        columns.append(numbers(cells, Form(COMMA, POINT, True, False)))
    finest = min(one.resolution for one in columns)
    return [replace(one, resolution=finest) for one in columns]


def _shown(value: float) -> str:
    """Shortest text of a number, without ".0"."""
    return repr(value).removesuffix(".0")

"""Short answers to programs: fewer rows of their tables, so that an agent can read them."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

MOST = 8000  # characters of a short answer as JSON


def brief(answer: dict) -> dict:
    """The answer with at most `MOST` characters: the longest tables (lists of records, or of more than `MOST_VALUES` values) have fewer rows, and
    `total` says how many the whole answer has. Long texts are cut.

    The first rows stay, of a history evenly spaced ones with the last. `total` has the rows of all tables of a path, such as "arms.parts".
    """
    whole, answer = answer, _cut(json.loads(json.dumps(answer)))
    shortened = set()
    while len(json.dumps(answer)) > MOST - TOTALS:
        tables = list(_tables(answer))
        if not tables:
            break
        path, rows = max(tables, key=lambda one: (len(one[1]), len(json.dumps(one[1]))))
        rows[:] = _fewer(rows)
        shortened.add(path)
    counts = Counter()
    for path, rows in _tables(whole):
        counts[path] += len(rows)
    total = {path: counts[path] for path in sorted(shortened)}
    return answer | ({"total": total} if total else {})


TOTALS = 1000  # characters that are left for `total`
MOST_VALUES = 40  # of a list that stays whole
LONGEST = 1500  # characters of a text


def _is_table(part: list) -> bool:
    if len(part) < 2 or isinstance(part[0], list):
        return False
    return isinstance(part[0], dict) or len(part) > MOST_VALUES


def _cut(value) -> Any:
    """JSON whose texts have at most `LONGEST` characters: those of errors quote what was sent."""
    match value:
        case str() if len(value) > LONGEST:
            return f"{value[:LONGEST]} ..."
        case list():
            return [_cut(part) for part in value]
        case dict():
            return {key: _cut(part) for key, part in value.items()}
    return value


def _fewer(rows: list) -> list:
    count = max(1, 3 * len(rows) // 4)
    if not isinstance(rows[0], dict) or "epoch" not in rows[0]:
        return rows[:count]
    last = len(rows) - 1
    return [rows[round(step * last / max(1, count - 1))] for step in range(count)]


def _tables(value, path: str = "") -> Iterator[tuple[str, list]]:
    """Lists of two records or more in JSON, with their paths; a position in a list is no part of a path."""
    if isinstance(value, list):
        for part in value:
            yield from _tables(part, path)
    elif isinstance(value, dict):
        for key, part in value.items():
            below = f"{path}.{key}".removeprefix(".")
            if isinstance(part, list) and _is_table(part):
                yield below, part
            yield from _tables(part, below)

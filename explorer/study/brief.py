"""Short answers to programs: fewer rows of their tables, so that an agent can read them."""

import json
from collections import Counter
from collections.abc import Iterator

MOST = 8000  # characters of a short answer as JSON


def brief(answer: dict) -> dict:
    """The answer with at most `MOST` characters: the longest tables (lists of records) have fewer rows, and `total` says how many the whole answer has.

    The first rows stay, of a history evenly spaced ones with the last. `total` has the rows of all tables of a path, such as "arms.parts".
    """
    whole, answer = answer, json.loads(json.dumps(answer))
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


def _fewer(rows: list) -> list:
    count = max(1, 3 * len(rows) // 4)
    if "epoch" not in rows[0]:
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
            if isinstance(part, list) and len(part) > 1 and isinstance(part[0], dict):
                yield below, part
            yield from _tables(part, below)

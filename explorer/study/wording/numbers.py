"""Numbers and lists of names as sentences and tables give them."""

import math

from explorer.study import statistics
from explorer.study.statistics import Difference


def plus_minus(
    estimate: float, half_width: float, digits: int = 2, sign: str = ""
) -> str:
    """An estimate with the half width of its interval, "-" where it is NaN; `sign` "+" gives its sign even where it is positive."""
    if math.isnan(estimate):
        return "-"
    said = f"{estimate:{sign}.{digits}f}"
    return said if math.isnan(half_width) else f"{said} ± {half_width:.{digits}f}"


def difference(gap: Difference, digits: int, sign: str = "") -> str:
    """A difference with the half width of its 95 % interval."""
    return plus_minus(gap.estimate, gap.interval.half_width, digits, sign)


def p_value(p: float) -> str:
    """A p value to four digits."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def seeds(number: int | None) -> str:
    """A number of seeds; None is more than the planner looks at."""
    return str(number or f"over {statistics.MOST_SEEDS}")


def listed(names: list[str]) -> str:
    """ "a", "a and b" or "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

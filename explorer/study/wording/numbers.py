"""Formats of numbers and of lists of names in sentences and tables."""

import math

from explorer.study import power
from explorer.study.statistics import Difference


def plus_minus(
    estimate: float, half_width: float, digits: int = 2, sign: str = ""
) -> str:
    """Estimate with the half width of its interval, "-" where the estimate is NaN; with `sign` "+" positive ones have a sign."""
    if math.isnan(estimate):
        return "-"
    text = f"{estimate:{sign}.{digits}f}"
    return text if math.isnan(half_width) else f"{text} ± {half_width:.{digits}f}"


def difference(gap: Difference, digits: int, sign: str = "") -> str:
    """Difference with the half width of its 95 % interval."""
    return plus_minus(gap.estimate, gap.interval.half_width, digits, sign)


def p_value(p: float) -> str:
    """P value to four digits."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def p_equals(p: float) -> str:
    """P value with its sign: "= 0.03" or "< 0.0001"."""
    return f"= {p:.2f}" if p >= 0.01 else f"= {p_value(p)}".replace("= <", "<")


def share(p: float) -> str:
    """P value as a share of comparisons, in percent."""
    if p >= 0.01:
        return f"{100 * p:.0f} %"
    return f"{100 * p:.2f} %" if p >= 0.0001 else "less than 0.01 %"


def seeds(number: int | None) -> str:
    """Number of seeds; None stands for more than `power.MOST_SEEDS`."""
    return str(number or f"over {power.MOST_SEEDS}")


def listed(names: list[str], last: str = "and") -> str:
    """ "a", "a and b" or "a, b and c"."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

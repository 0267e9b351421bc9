"""Data frames of families of contrasts and of interactions, for the report, the tabs and CSV files."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from explorer.study.factorial import Interaction
from explorer.study.families import Family
from explorer.study.statistics import OUTCOMES
from explorer.study.wording.numbers import difference, p_value


def contrasts(family: Family, digits: int = 3) -> pd.DataFrame:
    """Contrasts of a family, a line each: difference with its 95 % interval, adjusted p values, outcome."""
    has_margin = any(one.gap.margin for one in family.judged)
    return pd.DataFrame(
        {
            "first minus second": one.contrast.label,
            "difference": difference(one.gap, digits, "+"),
            **(
                {"new images": f"± {one.new_images.half_width:.{digits}f}"}
                if one.new_images
                else {}
            ),
            "p (Holm)": p_value(one.judgement.p),
            **(
                {"p of the margin (Holm)": p_value(one.judgement.p_equivalent)}
                if has_margin
                else {}
            ),
            "outcome": one.outcome,
            "runs": "{} and {}".format(*one.gap.seeds),
        }
        for one in family.judged
    )


def interactions(tested: Sequence[Interaction]) -> pd.DataFrame:
    """F tests of the interactions, a line each."""
    return pd.DataFrame(
        {
            "factors": " x ".join(one.factors),
            "F": f"{one.f:.2f} ({one.df[0]}, {one.df[1]})",
            "p (Holm)": p_value(one.p),
        }
        for one in tested
    )


def margins(families: Mapping[str, Mapping[float, Counter[str]]]) -> pd.DataFrame:
    """Numbers of contrasts by outcome over margins of equivalence, a line per family and margin."""
    return pd.DataFrame(
        {"family": name, "margin, points": f"{margin:g}"}
        | {outcome: counts[outcome] for outcome in OUTCOMES}
        for name, by_margin in families.items()
        for margin, counts in by_margin.items()
    )

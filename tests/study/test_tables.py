"""Tables of results: a line per thing, with its numbers for reading."""

from explorer.study import tables
from explorer.study.effects import Effects, Term
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval


def test_terms_have_their_degrees_of_freedom_in_the_report_only():
    term = Term(("norm", "l1"), 12.345, (2, 400), 0.00001, 0.125)
    found = Effects((term,), (), 99.4, 480)
    (read,) = tables.f_tests(found).to_dict("records")
    assert read == {
        "term": "norm x L1",
        "F": "12.3 (2, 400)",
        "p (Holm)": "< 0.0001",
        "partial eta squared": "0.12",
    }
    (shown,) = tables.terms(found).to_dict("records")
    assert (shown["F"], shown["partial eta squared"]) == (12.3, 0.12)


def test_a_correction_for_more_pairs_takes_more_seeds():
    alone, family = tables.seeds_needed([0.05], 0.05, 91).iloc[0, 1:].astype(int)
    assert alone < family


def test_a_curve_has_a_row_per_strength():
    points = tuple(Point(at, 90.0, Interval(89.0, 91.0)) for at in (0.5, 1.0))
    rows = tables.curves([Curve("BN", 3, points)])
    assert rows.columns.tolist() == [
        "level",
        "runs",
        "strength",
        "accuracy",
        "low",
        "high",
    ]
    assert rows.strength.tolist() == [0.5, 1.0]

"""Numbers and names in sentences and tables."""

from math import nan

import pytest

from explorer.study.wording import numbers


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ((99.4567, 0.051), "99.46 ± 0.05"),
        ((99.4567, nan), "99.46"),
        ((nan, nan), "-"),
        ((0.0321, 0.01, 3, "+"), "+0.032 ± 0.010"),
    ],
)
def test_an_estimate_has_its_interval_where_there_is_one(number, text):
    assert numbers.plus_minus(*number) == text


def test_names_are_listed():
    assert [numbers.listed(list(names)) for names in ("a", "ab", "abc")] == [
        "a",
        "a and b",
        "a, b and c",
    ]


def test_small_p_values_and_many_seeds_are_bounds():
    assert (numbers.p_value(0.00001), numbers.p_value(0.01)) == ("< 0.0001", "0.0100")
    assert (numbers.seeds(None), numbers.seeds(7)) == ("over 1000", "7")

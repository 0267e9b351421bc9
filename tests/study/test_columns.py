"""Parser of columns that somebody brings: forms that it finds out, and sentences on bad input."""

import pytest

from explorer.study import columns
from explorer.study.columns import ColumnsError
from train.errors import UserError

A, B = [99.1, 99.25, 98.0], [98.5, 97.0, 98.75]


def read(text: str, decimal: str | None = None) -> dict[str, list[float]]:
    sheet = columns.read(text, decimal=decimal)
    return {
        one.name: columns.numbers(one, sheet.form).values.tolist()
        for one in sheet.cells
        if one.is_measure
    }


def written(delimiter: str, decimal: str = ".", end: str = "", header: bool = True):
    """Two columns of three runs as a text."""
    rows = [["gn", "bn"]] if header else []
    rows += [[str(x).replace(".", decimal) + end for x in row] for row in zip(A, B)]  # noqa: B905
    return "\n".join(delimiter.join(row) for row in rows)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("end", ["", "%", " %"])
@pytest.mark.parametrize(
    ("delimiter", "decimal"),
    [(",", "."), ("\t", "."), ("\t", ","), (";", "."), (";", ","), (", ", "."), (" ", "."), (" ", ","), ("   ", ".")],
)  # fmt: skip
def test_every_delimiter_and_decimal_sign_is_found_out(delimiter, decimal, end, header):
    if end == " %" and not delimiter.strip(" "):
        return  # the sign would be a column
    text = written(delimiter, decimal, end, header)
    names = ("gn", "bn") if header else ("A", "B")
    assert read(text) == dict(zip(names, (A, B), strict=True))
    assert read(text, decimal) == read(text)
    form = columns.read(text).form
    assert (form.decimal, form.has_header, form.is_percent) == (decimal, header, bool(end))  # fmt: skip
    assert form.delimiter == (delimiter.strip(" ") or " ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffgn,bn\r\n99.1,98.5\r\n99.25,97\r\n", {"gn": [99.1, 99.25], "bn": [98.5, 97]}),
        ('"gn, batch 16","bn"\n"99.1","98.5"\n', {"gn, batch 16": [99.1], "bn": [98.5]}),
        ('"a\nb",c\n1,2\n', {"a\nb": [1], "c": [2]}),
        ("\n\ngn,bn\n\n99.1,98.5\n\n", {"gn": [99.1], "bn": [98.5]}),
        ("gn,bn\n99.1,98.5\n,97.5\n", {"gn": [99.1], "bn": [98.5, 97.5]}),
        (",gn,bn\n0,99.1,98.5\n1,99.2,97\n", {"gn": [99.1, 99.2], "bn": [98.5, 97]}),
        ("seed,gn\n1,99.1\n2,99.2", {"gn": [99.1, 99.2]}),
        ("host,gn\nn1,99.1\nn2,99.2", {"gn": [99.1, 99.2]}),
        ("99.1\n99.2\n", {"A": [99.1, 99.2]}),
        ("acc\n99,1\n99,2\n", {"acc": [99.1, 99.2]}),
        ("a,b\n99,1\n98,2\n", {"a": [99, 98], "b": [1, 2]}),
        ("99,98,97\n96,95,94", {"A": [99, 96], "B": [98, 95], "C": [97, 94]}),
        ("loss\n1e-3\n2.5E-4\n-.5\n+3.", {"loss": [0.001, 0.00025, -0.5, 3]}),
        ("loss\n−0.5\n0.25", {"loss": [-0.5, 0.25]}),
        ("1,234.5\t2\n1,250.5\t3", {"A": [1234.5, 1250.5], "B": [2, 3]}),
        ("1.234,5\t2\n1.250\t3", {"A": [1234.5, 1250], "B": [2, 3]}),
        ("a\tb\n12,345,678\t1,234", {"a": [12345678], "b": [1234]}),
        ('a,b\n"1,234.5","1,201"', {"a": [1234.5], "b": [1201]}),
        ("a;b\n0,123;0,456", {"a": [0.123], "b": [0.456]}),
        ("a;b\n99,123;98,4", {"a": [99.123], "b": [98.4]}),
        ("gn  bn\n1 2\n3 4", {"gn": [1, 3], "bn": [2, 4]}),
    ],
)  # fmt: skip
def test_a_text_is_read(text, expected):
    assert read(text) == expected


def test_the_last_digit_shown_is_kept():
    sheet = columns.read(
        "a\tb\tc\td\n99.10\t5\t1.5e-4\t0.12345678901234567890\n99.1\t7\t2e-4\t1"
    )
    found = [columns.numbers(one, sheet.form).resolution for one in sheet.cells]
    assert found[:3] == pytest.approx([0.01, 1, 1e-5])
    assert found[3] == pytest.approx(8.9e-16, rel=0.01)  # of a float, not 1e-20


def test_lines_are_those_of_the_text():
    sheet = columns.read("\ngn,bn\n99.1,98\n\n,97\n")
    assert [one.lines for one in sheet.cells] == [(3,), (3, 5)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        (" \n\t\n", "empty"),
        ("gn,bn\n", "Only a header"),
        ("gn,bn\n99.1,98\nx,97", 'Line 3, column gn: "x" is no number.'),
        ("gn,bn\n99.1,98\n99.2,NaN", 'Line 3, column bn: "NaN" is no finite number.'),
        ("gn,bn\n99.1,98\n99.2,-inf", 'Line 3, column bn: "-inf" is no finite number.'),
        ("gn\n1e999\n1", 'Line 2, column gn: "1e999" is no number that can be used: its size must lie between 1e-50 and 1e+50'),
        ("gn\n1e300\n1", "no number that can be used"),
        ("gn\n1e-300\n1", "no number that can be used"),
        ("gn\n1e99999\n1", "no number"),
        ("gn,gn\n99.1,98", 'Line 1: column 2 has the name "gn" of column 1.'),
        ("gn,bn\n99.1,98,97", "Line 2 has 3 cells, the header 2."),
        ("99.1,98\n99.1,98,97", "Line 2 has 3 cells, the first line 2."),
        ("99,1\n99,2", "may be one number with a decimal comma, or two numbers"),
        ("gn\tbn\n99.1\t98,5", 'Line 2, column bn: "98,5" has another decimal sign'),
        ("gn\tbn\n99.1%\t98.5", 'Line 2, column bn: "98.5" has no percent sign'),
        ("gn\n1,234.5\n2", "cells, the header 1"),
        ("16,x\n99.1,98", 'Line 1: "16" is a number and "x" is none: say whether'),
        ("GN,99.1,99.3\nBN,98.1,98.2", "Line 1: the results are laid out in rows"),
        ("a\tb\n1,234\t1,250\n1,300\t1,310", 'Line 2, column a: "1,234" may be 1.234 or 1234: choose'),
        ("a\tb\n1,234\t1.5\n1,300\t1.6", '"1,234" may be 1.234 or 1234: choose'),
        ("gn\tbn\n1.234.5\t2\n1\t2", 'Line 2, column gn: "1.234.5" is no number.'),
        ("gn\n" + "1\n" * 1001, "Line 1002, column gn: more than 1,000 values."),
        ("gn\n" + "1" * 200_001, "more than 200 KB"),
        ('a,b\n"' + "x" * 140_000 + '",1', "is no CSV"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_with_line_and_column(text, sentence):
    with pytest.raises(ColumnsError) as error:
        read(text)
    assert sentence in str(error.value)
    assert isinstance(error.value, ValueError) and isinstance(error.value, UserError)
    assert len(str(error.value)) < 200


def test_the_file_is_named():
    with pytest.raises(ColumnsError, match=r"^gn\.csv: Line 2, column a: "):
        sheet = columns.read("a,b\nx,1\n2,1", "gn.csv")
        columns.numbers(sheet.cells[0], sheet.form, sheet.name)


def test_a_decimal_sign_may_be_said():
    assert read("99,1\n99,2", ",") == {"A": [99.1, 99.2]}
    assert read("99,1\n99,2", ".") == {"A": [99, 99], "B": [1, 2]}
    with pytest.raises(ColumnsError, match="another decimal sign"):
        read("a\tb\n99.1\t2\n99.1\t3", ",")


def test_a_sign_that_is_chosen_tells_thousands_from_decimals():
    text = "a\tb\n1,234\t1,250"
    assert read(text, ".") == {"a": [1234], "b": [1250]}
    assert read(text, ",") == {"a": [1.234], "b": [1.25]}


def test_a_header_may_be_chosen():
    text = "16,32\n99.1,98\n99,97"
    assert read(text) == {"A": [16, 99.1, 99], "B": [32, 98, 97]}
    sheet = columns.read(text, header=True)
    assert [(one.name, one.texts) for one in sheet.cells] == [("16", ("99.1", "99")), ("32", ("98", "97"))]  # fmt: skip
    mixed = columns.read("16,x\n99.1,98", header=True)
    assert [one.name for one in mixed.cells] == ["16", "x"]
    assert not columns.read("1\t2\n3\t4", header=False).form.has_header


def test_zeros_with_any_exponent_are_read():
    assert read("gn\n0e400\n0e-400\n1") == {"gn": [0, 0, 1]}


@pytest.mark.parametrize("name", [1, None, ["x"], "", " "])
def test_a_name_is_a_text(name):
    with pytest.raises(ColumnsError, match="name of a column must be a text"):
        columns.of_lists([[1, 2], [3, 4]], ["a", name])


def test_lists_are_columns():
    a, b = columns.of_lists([[99, 98.5], [97.25]], ["gn", "bn"])
    assert (a.name, a.values.tolist(), a.lines) == ("gn", [99, 98.5], (1, 2))
    assert a.resolution == b.resolution == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([], "a list of numbers"),
        ("12", "a list of numbers"),
        (None, "a list of numbers"),
        ([1, "2"], 'Line 2, column b: "2" is no number.'),
        ([1, True], 'Line 2, column b: "True" is no number.'),
        ([1, None], "is no number"),
        ([1, float("inf")], 'Line 2, column b: "inf" is no finite number.'),
        ([1.0] * 1001, "more than 1,000"),
        ([10**400, 1], "is no number that can be used"),
    ],
)
def test_bad_lists_get_a_sentence(values, sentence):
    with pytest.raises(ColumnsError, match=sentence.replace(".", r"\.")):
        columns.of_lists([[1.0, 2.0], values], ["a", "b"])

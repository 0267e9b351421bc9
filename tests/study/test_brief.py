"""Short answers to programs."""

import json

from explorer.study.brief import MOST, brief


def test_a_short_answer_stays_as_it_is():
    answer = {"trials": [{"name": "a"}], "values": [1, 2]}
    assert brief(answer) == answer


def test_a_long_table_keeps_its_first_rows_and_says_how_many_there_are():
    rows = [{"name": f"trial {number}", "text": "x" * 100} for number in range(500)]
    short = brief({"trials": rows, "scope": "all"})
    assert len(json.dumps(short)) <= MOST and short["scope"] == "all"
    assert short["trials"] == rows[: len(short["trials"])]
    assert len(short["trials"]) > 20 and short["total"] == {"trials": 500}


def test_of_a_history_rows_all_along_stay_with_the_last():
    rows = [{"epoch": epoch, "text": "x" * 1000} for epoch in range(1, 26)]
    short = brief({"history": rows})
    epochs = [row["epoch"] for row in short["history"]]
    assert epochs[0] == 1 and epochs[-1] == 25 and 2 < len(epochs) < 8
    assert short["total"] == {"history": 25}


def test_the_longest_tables_are_shortened_first_however_deep():
    answer = {
        "claims": [
            {"number": number, "parts": [{"text": "y" * 50}] * 90}
            for number in range(4)
        ],
        "levels": [{"level": "GN"}, {"level": "BN"}],
    }
    short = brief(answer)
    assert len(json.dumps(short)) <= MOST
    assert [claim["number"] for claim in short["claims"]] == [0, 1, 2, 3]
    assert len(short["levels"]) == 2 and short["total"] == {"claims.parts": 360}


def test_lists_of_many_values_and_long_texts_are_cut():
    short = brief({"a": {"accuracies": [99.123456789] * 1000}, "error": "x" * 20_000})
    assert len(json.dumps(short)) <= MOST
    assert short["total"] == {"a.accuracies": 1000}
    assert short["error"].endswith("x ...")
    assert short["a"]["accuracies"][0] == 99.123456789


def test_what_has_no_tables_is_left_whole():
    answer = {"values": [[0.1] * 28] * 200}
    assert brief(answer) == answer

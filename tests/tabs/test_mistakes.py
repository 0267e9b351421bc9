"""Handlers of Mistakes: answers about an image, and unknown views."""

import pytest

from explorer.tabs import mistakes


@pytest.mark.parametrize(
    "question", [{}, {"view": "one"}, {"trials": []}, {"trials": ["x"] * 3}]
)
def test_an_unknown_view_is_refused(question, shown):
    expected = {"error": "The page asked for a view that is not there."}
    assert mistakes.ask(shown, question) == expected


def test_the_answer_about_an_image_counts_the_digits_read_by_level(shown):
    answer = mistakes.image(shown, 3)
    assert (answer["index"], answer["networks"], answer["missing"]) == (3, 11, 11)
    wrong = str((answer["label"] + 1) % 10)
    assert answer["groups"]["norm"] == [
        {"value": norm, "reads": {wrong: count}}
        for norm, count in (("BN", 5), ("GN", 5), ("LN", 1))
    ]
    page = mistakes.ask(shown, {"view": "image", "index": 3})
    assert page.pop("sprite").startswith("data:image/png") and page == answer
    assert "from 0 to 9999" in mistakes.image(shown, -1)["error"]

"""Examples of a visitor's numbers: each is read and judged as its settings say."""

import pytest

from explorer.runs.results import Results
from explorer.study import comparison, value_records, variance
from explorer.study.value_examples import examples


def answers(results: Results) -> dict[str, dict]:
    return {
        one.label: value_records.of_question(
            {"files": [{"name": "", "text": one.text}], **one.settings}
        )
        for one in examples(results)
    }


def test_every_example_is_judged(committed):
    ours, norms, sleep = answers(committed).values()
    samples = variance.accuracies(committed)
    for column, name in zip(
        ours["columns"], comparison.opening(committed), strict=True
    ):
        assert name
        assert column["accuracies"] == pytest.approx(samples.sample(name).values)
    assert ours["unit"] == "points" and len(norms["pairs"]) == 3
    (pair,) = sleep["pairs"]
    assert sleep["unit"] == "hours" and sleep["paired"]
    # R: t.test(extra ~ group, data = sleep, paired = TRUE)
    assert pair["difference"]["p"] == pytest.approx(0.002833, abs=5e-7)


def test_without_a_study_one_example_is_left(tmp_path):
    assert len([*examples(Results(tmp_path, [], []))]) == 1

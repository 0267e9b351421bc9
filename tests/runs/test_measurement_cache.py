"""What is measured once and kept: whose it is, what is missing, and that a kill leaves it whole."""

from dataclasses import replace

import pytest

from explorer.runs import measurement_cache


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kept.csv"


def test_what_is_missing_is_measured_and_what_is_there_is_kept(trained, file):
    measurement_cache.measure(file, trained[:1], lambda each: {"value": 1.0}, 1)
    measurement_cache.measure(file, trained, lambda each: {"value": 2.0}, 2)
    rows = measurement_cache.read(file, trained)
    assert dict(rows.value) == {
        each.trial.name: 1.0 if each is trained[0] else 2.0 for each in trained
    }
    assert measurement_cache.missing(file, trained) == []


def test_another_network_of_the_same_name_has_no_row_until_it_is_measured(
    trained, file
):
    measurement_cache.add(file, trained[0], {"value": 1.0})
    other = replace(trained[0], test_digits=trained[1].test_digits)
    assert measurement_cache.read(file, [other]).empty
    measurement_cache.add(file, other, {"value": 3.0})
    assert measurement_cache.read(file, [other]).value.tolist() == [3.0]
    assert measurement_cache.read(file, trained).empty


def test_a_measurement_that_fails_leaves_what_was_kept(trained, file):
    def values(each) -> dict[str, float]:
        if each is trained[1]:
            raise RuntimeError("no more")
        return {"value": 1.0}

    with pytest.raises(RuntimeError, match="no more"):
        measurement_cache.measure(file, trained, values, 1)
    assert measurement_cache.read(file, trained).index.tolist() == [
        trained[0].trial.name
    ]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_without_a_file_everything_is_missing(trained, file):
    assert measurement_cache.read(file, trained).empty
    assert measurement_cache.missing(file, trained) == trained

"""CSV cache of measurements: its rows belong to one network, and it survives a failure."""

from dataclasses import replace

import pytest

from explorer.runs import measurement_cache


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache.csv"


def test_only_missing_networks_are_measured(trained, file):
    measurement_cache.measure(file, trained[:1], lambda network: {"value": 1.0}, 1)
    measurement_cache.measure(file, trained, lambda network: {"value": 2.0}, 2)
    rows = measurement_cache.read(file, trained)
    assert dict(rows.value) == {
        network.trial.name: 1.0 if network is trained[0] else 2.0 for network in trained
    }
    assert measurement_cache.missing(file, trained) == []


def test_a_retrained_network_has_no_row_until_it_is_measured(trained, file):
    measurement_cache.add(file, trained[0], {"value": 1.0})
    other = replace(trained[0], test_digits=trained[1].test_digits)
    assert measurement_cache.read(file, [other]).empty
    measurement_cache.add(file, other, {"value": 3.0})
    assert measurement_cache.read(file, [other]).value.tolist() == [3.0]
    assert measurement_cache.read(file, trained).empty


def test_values_of_more_columns_join_the_row_of_their_network(trained, file):
    measurement_cache.measure(file, trained, lambda network: {"value": 0.1}, 1)
    before = file.read_text().splitlines()
    some = trained[:1]
    assert measurement_cache.missing(file, some, ["value"]) == []
    assert measurement_cache.missing(file, some, ["value", "more"]) == some
    measurement_cache.measure(file, some, lambda network: {"more": 2.5}, 1, ["more"])
    assert measurement_cache.missing(file, trained, ["more"]) == trained[1:]
    grown = {
        line + (",2.5" if some[0].trial.name in line else ",") for line in before[1:]
    }
    header, *lines = file.read_text().splitlines()
    assert header == before[0] + ",more" and {*lines} == grown
    retrained = replace(some[0], test_digits=trained[1].test_digits)
    measurement_cache.add(file, retrained, {"value": 3.0})
    assert measurement_cache.read(file, [retrained]).more.isna().all()


def test_a_network_of_another_data_set_has_a_row_of_its_own(trained, file):
    trial = replace(trained[0].trial, data_set="FashionMNIST")
    other = replace(trained[0], trial=trial)  # even where its predictions are the same
    measurement_cache.add(file, trained[0], {"value": 1.0})
    assert measurement_cache.missing(file, [other]) == [other]
    measurement_cache.add(file, other, {"value": 2.0})
    both = measurement_cache.read(file, [trained[0], other])
    assert sorted(both.value) == [1.0, 2.0]


def test_a_failure_leaves_the_rows_measured_before_it(trained, file):
    def values(network) -> dict[str, float]:
        if network is trained[1]:
            raise RuntimeError("no more")
        return {"value": 1.0}

    with pytest.raises(RuntimeError, match="no more"):
        measurement_cache.measure(file, trained, values, 1)
    assert measurement_cache.read(file, trained).index.tolist() == [
        trained[0].trial.name
    ]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_without_a_file_all_networks_are_missing(trained, file):
    assert measurement_cache.read(file, trained).empty
    assert measurement_cache.missing(file, trained) == trained

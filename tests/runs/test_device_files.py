"""Files of weights for the device: their format, their steps, their names."""

from dataclasses import replace

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.runs import device_files
from explorer.runs.ensemble import Stack
from explorer.web import assets, guard
from train.norms import BY_KEY
from train.study import PUBLISHED, VOTING_SEEDS


@pytest.fixture(scope="module")
def steps(committed):
    return device_files.steps(committed.voters)


def test_every_voter_arrives_once_and_one_seed_of_every_configuration_first(
    committed, steps
):
    arrived = [index for step in steps for index in step.networks]
    assert sorted(arrived) == list(range(len(committed.voters)))
    configs = {voter.trial.config for voter in committed.voters}
    first = [
        committed.voters[index].trial
        for step in steps
        if step.first
        for index in step.networks
    ]
    assert {trial.config for trial in first} == configs and len(first) == len(configs)
    assert {trial.seed for trial in first} == {1}
    assert len(steps) == 1 + VOTING_SEEDS


def test_the_rows_come_first_and_are_light(committed, steps):
    trials = [committed.voters[index].trial for index in steps[0].networks]
    assert set(trials) <= set(PUBLISHED)
    rows = [network for network in committed.checkpoints if network.trial in PUBLISHED]
    assert len(rows) == len(PUBLISHED)
    assert len(device_files.weights(rows)) <= 205_000


def test_a_folder_without_the_rows_has_steps_too(invent, tiny):
    trials = [
        replace(tiny, batch_size=size, seed=seed)
        for size in range(1, 21)
        for seed in (3, 7)
    ]
    voters = [invent(trial, []) for trial in trials]
    sizes = [(len(step.networks), step.first) for step in device_files.steps(voters)]
    assert sizes == [(14, True), (6, True), (20, False)]
    assert device_files.steps([]) == []


def test_a_record_holds_the_network(committed):
    network = next(one for one in committed.voters if one.trial.norm == "GN")
    content = device_files.weights([network])
    shape = device_files.HEADER.unpack_from(content)
    assert shape[:2] == (b"DEV2", 1)
    record = content[device_files.HEADER.size :]
    assert record[:7] == bytes([3, *[network.trial.groups] * 6])
    exponents = np.frombuffer(record, np.int8, 19, 7).astype(float)
    numbers = np.frombuffer(record, "<f2", offset=28).astype(float)
    assert len(numbers) == 7288
    kernel = network.state["blocks.0.conv.weight"].numpy()[:, 0].transpose(1, 2, 0)
    assert np.allclose(
        numbers[:72] * 2 ** exponents[0],
        kernel.flatten(),
        rtol=0,
        atol=2**-10 * abs(kernel).max(),
    )


def test_weights_of_any_size_keep_their_digits(committed):
    """A penalty may leave weights that float16 cannot hold."""
    network = committed.voters[0]
    assert BY_KEY[network.trial.norm].over_batch
    small = {
        name: values * 1e-7 if "conv" in name else values
        for name, values in network.state.items()
    }
    record, other = (
        device_files.weights([replace(network, state=state)])[
            device_files.HEADER.size :
        ]
        for state in (small, network.state)
    )
    one, two = (
        np.frombuffer(part, "<f2", 72, 28).astype(float) for part in (record, other)
    )
    assert np.allclose(one / abs(one).max(), two / abs(two).max(), atol=2**-10)


def test_files_are_made_once_and_kept_for_a_year_by_a_name_of_their_own(committed):
    client = TestClient(Starlette(routes=assets.ROUTES))
    network, other = committed.voters[:2]
    address = device_files.address([network])
    assert address == device_files.address([network]) != device_files.address([other])
    answer = client.get(f"/{address}")
    assert answer.content == device_files.weights([network])
    assert "max-age=31536000, immutable" in answer.headers["cache-control"]
    assert guard.USED.fullmatch(f"/{address}")
    assert client.get("/files/0123456789abcdef").status_code == 404
    made = []
    once = assets.keep([b"some source"], lambda: made.append(1) or b"content")
    assert [client.get(f"/{once}").content for _ in range(2)] == [b"content"] * 2
    assert made == [1]


def test_another_network_of_the_same_name_has_another_address(committed):
    network = committed.voters[0]
    changed = {name: values * 2 for name, values in network.state.items()}
    assert device_files.address([network]) != device_files.address(
        [replace(network, state=changed)]
    )


def test_networks_as_on_the_device_read_nearly_as_the_committed_ones(committed, mnist):
    networks = [committed.voters[index] for index in (0, 120, -1)]
    changed = device_files.as_on_device(networks)
    assert {one.trial.norm for one in changed} == {"BN", "GN", "LN"}
    images = mnist.test.images[:50]
    for one, other in zip(networks, changed, strict=True):
        assert set(one.state) == set(other.state)
        probs, rounded = (Stack([network]).probs(images) for network in (one, other))
        assert 0 < (probs - rounded).abs().max() <= 5e-3
    assert device_files.as_on_device([]) == []

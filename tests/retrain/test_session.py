"""Sessions: the networks that they keep, for how long, and that no other session gets them."""

from dataclasses import replace

import pytest

from explorer.retrain import session
from explorer.retrain.session import (
    EMPTY,
    MAX_NETWORKS,
    MAX_SESSIONS,
    NetworksMissing,
    Sessions,
)
from explorer.runs import results
from train.checkpoint import STOPPED, CheckpointError
from train.errors import UserError
from train.study import Trial

A, B = "a" * 32, "b" * 32
TRIAL = Trial("GN", 0.0, 0.0, 64, epochs=1)


@pytest.fixture
def network(invent):
    return invent(TRIAL, [1, 2])


def test_a_session_has_its_own_networks_and_no_others(network):
    sessions = Sessions()
    name = sessions.add(A, network, True)
    assert sessions.networks(A).checkpoints == {name: network}
    assert sessions.networks(B) is EMPTY
    assert sessions.networks(None) is EMPTY
    sessions.remove(B, name)
    assert len(sessions) == 1  # a question makes no session


def test_names_are_not_used_again(network):
    sessions = Sessions()
    names = [sessions.add(A, network, True) for _ in range(MAX_NETWORKS + 2)]
    assert len(set(names)) == MAX_NETWORKS + 2
    assert list(sessions.networks(A).checkpoints) == names[2:]  # the oldest went
    for name in names:
        sessions.remove(A, name)
    assert sessions.add(A, network, True) not in names
    assert not any(name.startswith(Trial.__name__) for name in names)


def test_all_runs_of_a_configuration_count_in_their_order(network):
    sessions = Sessions()
    assert sessions.runs(A, TRIAL) == []
    seeds = [4, 2, 9, 1, 3, 5, 6, 7, 8, 10]
    assert len(seeds) > MAX_NETWORKS
    for seed in seeds:
        name = sessions.add(A, replace(network, trial=replace(TRIAL, seed=seed)), True)
    sessions.remove(A, name)
    sessions.add(A, replace(network, trial=replace(TRIAL, norm="BN")), True)
    runs = sessions.runs(A, TRIAL)
    assert [run.trial.seed for run in runs] == seeds
    assert runs[0].history == network.history
    assert sessions.runs(B, TRIAL) == []


@pytest.fixture
def clock(stopped_clock):
    return stopped_clock(session)


def test_a_session_outlives_the_last_word_of_its_page_by_ten_minutes(network, clock):
    sessions = Sessions()
    name = sessions.add(A, network, True)
    for _ in range(5):
        clock.now += session.KEPT_SECONDS  # any question is a word of the page
        assert list(sessions.networks(A).checkpoints) == [name]
    clock.now += 1
    sessions.add(B, network, True)
    clock.now += session.KEPT_SECONDS
    assert sessions.networks(A) is EMPTY
    assert sessions.runs(A, TRIAL) == []
    assert sessions.networks(B).checkpoints


def test_the_session_not_heard_of_for_longest_makes_room(network):
    sessions = Sessions()
    secrets = [f"{number:032x}" for number in range(MAX_SESSIONS)]
    for secret in secrets:
        sessions.add(secret, network, True)
    sessions.networks(secrets[0])
    sessions.add(A, network, True)
    assert len(sessions) == MAX_SESSIONS
    assert sessions.networks(secrets[1]) is EMPTY
    assert sessions.networks(secrets[0]).checkpoints


def test_pages_that_only_ask_have_no_session(network):
    sessions = Sessions()
    for number in range(10):
        sessions.networks(f"{number:032x}")
        sessions.remove(f"{number:032x}", "own-1")
    assert len(sessions) == 0


def test_networks_that_a_page_hands_back_have_their_names_and_their_order(network):
    sessions = Sessions()
    again = replace(network, trial=replace(TRIAL, seed=2))
    sessions.put_back(A, "own-12", again, False)
    sessions.put_back(A, "own-5", network, True)
    sessions.put_back(A, "own-5", again, False)  # it is there
    kept = sessions.networks(A)
    assert kept.checkpoints == {"own-5": network, "own-12": again}
    assert kept.trained == {"own-5"}
    assert [run.trial.seed for run in sessions.runs(A, TRIAL)] == [1, 2]
    assert sessions.add(A, network, True) == "own-13"
    assert sessions.add(A, network, True, above=40) == "own-41"
    for number in range(50, 50 + MAX_NETWORKS):
        sessions.put_back(A, f"own-{number}", network, True)
    assert list(sessions.networks(A).checkpoints)[0] == "own-50"
    assert "own-5" not in sessions.networks(A).trained
    for name in ("own-0", "own-x", "GN", "own-99999999", None):
        with pytest.raises(UserError, match="no name"):
            sessions.put_back(A, name, network, True)
    for above in (-1, 10**7):
        with pytest.raises(UserError, match="no number"):
            sessions.add(A, network, True, above)


def test_a_page_learns_which_of_its_networks_the_server_lacks(network, new_secret):
    secret = new_secret()
    name = session.SESSIONS.add(secret, network, True)
    asked = {"visit": secret, "own": [name, "own-8", "own-9"]}
    with pytest.raises(NetworksMissing) as error:
        session.own(asked)
    assert error.value.names == ["own-8", "own-9"]
    assert session.own({"visit": secret, "own": [name]}).checkpoints == {name: network}
    assert session.own({"visit": secret}).checkpoints == {name: network}
    with pytest.raises(NetworksMissing) as error:
        session.find(None, {"visit": secret}, "own-7")
    assert error.value.names == ["own-7"]


def test_a_network_that_does_not_read_what_its_file_says_is_refused(trained):
    good = trained[0]
    assert session.verified(good) is good
    claimed = replace(good, claimed=True)
    assert session.title(claimed) == f"{session.title(good)}, as its file claims"
    flattered = list(good.test_digits)
    labels = results.test_split().labels.tolist()
    wrong_ones = [at for at, digit in enumerate(flattered) if int(digit) != labels[at]]
    for at in wrong_ones[:50]:
        flattered[at] = str(labels[at])
    better = good.summary["last"] | {
        "test_acc": (10_000 - len(wrong_ones) + 50) / 10_000
    }
    for wrong in (
        replace(good, test_digits="7" * 10_000),
        replace(
            good,
            test_digits="".join(flattered),
            summary=good.summary | {"last": better},
        ),
        replace(good, summary=good.summary | {"last": {"test_acc": 0.99}}),
        replace(good, state=good.state | zeroed(good)),
    ):
        with pytest.raises(CheckpointError, match="does not read"):
            session.verified(wrong)
    other = replace(good.trial, data_set="FashionMNIST")
    with pytest.raises(CheckpointError, match="of FashionMNIST"):
        session.verified(replace(good, trial=other))
    huge = {name: 3e38 * values.sign() for name, values in good.state.items()}
    with pytest.raises(CheckpointError, match="not numbers"):
        session.verified(replace(good, state=huge))


def zeroed(network) -> dict:
    return {"head.weight": 0 * network.state["head.weight"]}


def test_a_stopped_epoch_is_a_fraction(network):
    whole = session.rows_of(network)
    assert whole == network.history
    half = replace(network, summary=network.summary | {STOPPED: 469})  # of 938 batches
    assert [row["epoch"] for row in session.rows_of(half)] == [0.5]


@pytest.mark.parametrize("secret", [None, "", "short", "A" * 32, "a" * 33, 7, ["a"]])
def test_without_a_valid_secret_nothing_is_kept(secret, network):
    with pytest.raises(UserError, match="reload"):
        Sessions().add(secret, network, True)


def test_a_title_names_what_differs_from_the_recipe(invent, network):
    assert session.title(network) == "GN, batch 64, 1 epoch, seed 1"
    odd = replace(TRIAL, lr=0.1, dropout=0.2, groups=2, train_images=5000, epochs=3)
    expected = (
        "GN, batch 64, 2 groups, dropout 0.2, lr 0.1, 5,000 images, 3 epochs, seed 1"
    )
    assert session.title(invent(odd, [])) == expected
    ended = replace(network, summary=network.summary | {STOPPED: 1234})
    assert session.title(ended).endswith("seed 1, stopped after 1,234 batches")
    sessions = Sessions()
    sessions.add(A, network, True)
    assert list(sessions.networks(A).labels().values()) == [
        f"yours 1: {session.title(network)}"
    ]


def test_networks_of_a_session_answer_together_and_have_a_history(trained, mnist):
    sessions = Sessions()
    assert sessions.networks(A).stack.probs(mnist.test.images[:2]).shape == (0, 2, 10)
    for checkpoint in trained:
        sessions.add(A, checkpoint, True)
    assert sessions.networks(A).stack.probs(mnist.test.images[:2]).shape == (3, 2, 10)
    rows = sessions.networks(A).history()
    assert rows.groupby("name", sort=False).size().tolist() == [2, 2, 2]


def test_the_runs_of_all_sessions_are_bounded(network, monkeypatch):
    monkeypatch.setattr(session, "MAX_RUNS", 3)
    monkeypatch.setattr(session, "MAX_ALL_RUNS", 5)
    sessions = Sessions()
    for secret in (A, B):
        for _ in range(4):
            sessions.add(secret, network, True)
    assert len(sessions.runs(B, network.trial)) == 3
    assert len(sessions) == 1 and not sessions.runs(A, network.trial)
    assert list(sessions.networks(B).checkpoints)[-1] == "own-4"

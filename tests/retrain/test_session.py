"""Sessions: which networks they keep, for how long, and that no other session gets them."""

from dataclasses import replace

import pytest

from explorer.retrain import session
from explorer.retrain.session import EMPTY, MAX_NETWORKS, MAX_SESSIONS, Sessions
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
    name = sessions.add(A, network)
    assert sessions.networks(A).checkpoints == {name: network}
    assert sessions.networks(B) is EMPTY
    assert sessions.networks(None) is EMPTY
    sessions.remove(B, name)
    assert len(sessions) == 1  # a question makes no session


def test_names_are_not_used_again(network):
    sessions = Sessions()
    names = [sessions.add(A, network) for _ in range(MAX_NETWORKS + 2)]
    assert len(set(names)) == MAX_NETWORKS + 2
    assert list(sessions.networks(A).checkpoints) == names[2:]  # the oldest went
    for name in names:
        sessions.remove(A, name)
    assert sessions.add(A, network) not in names
    assert not any(name.startswith(Trial.__name__) for name in names)


def test_all_runs_of_a_configuration_count_in_their_order(network):
    sessions = Sessions()
    assert sessions.runs(A, TRIAL) == []
    seeds = [4, 2, 9, 1, 3, 5, 6, 7, 8, 10]
    assert len(seeds) > MAX_NETWORKS
    for seed in seeds:
        name = sessions.add(A, replace(network, trial=replace(TRIAL, seed=seed)))
    sessions.remove(A, name)
    sessions.add(A, replace(network, trial=replace(TRIAL, norm="BN")))
    runs = sessions.runs(A, TRIAL)
    assert [run.trial.seed for run in runs] == seeds
    assert runs[0].history == network.history
    assert sessions.runs(B, TRIAL) == []


@pytest.fixture
def clock(stopped_clock):
    return stopped_clock(session)


def test_a_session_outlives_its_page_for_a_minute(network, clock):
    sessions = Sessions()
    sessions.begin("session", A)
    sessions.add(A, network)
    sessions.end("session")
    clock.now += session.GRACE_SECONDS - 1
    assert sessions.networks(A).checkpoints
    sessions.begin("reloaded", A)
    clock.now += 2 * session.GRACE_SECONDS
    assert sessions.networks(A).checkpoints
    sessions.begin("copy of the tab", A)
    sessions.end("reloaded")
    clock.now += 2 * session.GRACE_SECONDS
    assert sessions.networks(A).checkpoints  # one page is open
    sessions.end("copy of the tab")
    sessions.end("never begun")
    sessions.add(B, network)
    clock.now += session.GRACE_SECONDS + 1
    assert sessions.networks(A) is EMPTY
    assert sessions.networks(B).checkpoints  # its page never said that it is open


def test_the_number_of_sessions_is_limited(network):
    sessions = Sessions()
    secrets = [f"{number:032x}" for number in range(MAX_SESSIONS + 3)]
    for secret in secrets:
        sessions.add(secret, network)
    assert len(sessions) == MAX_SESSIONS
    assert sessions.networks(secrets[0]) is EMPTY
    assert sessions.networks(secrets[-1]).checkpoints


def full(network) -> Sessions:
    """The largest number of sessions, all of open pages."""
    sessions = Sessions()
    for number in range(MAX_SESSIONS):
        sessions.begin(str(number), f"{number:032x}")
        sessions.add(f"{number:032x}", network)
    return sessions


def test_the_session_of_an_open_page_is_not_dropped_for_another(network, clock):
    sessions = full(network)
    with pytest.raises(UserError, match="Too many visitors"):
        sessions.add(A, network)
    sessions.end("7")
    sessions.begin("a", A)
    sessions.add(A, network)
    assert sessions.networks(f"{7:032x}") is EMPTY
    with pytest.raises(UserError, match="Too many visitors"):
        sessions.add(B, network)
    clock.now += session.IDLE_SECONDS + 1  # idle sessions are dropped
    sessions.add(B, network)
    assert sessions.networks(A).checkpoints and sessions.networks(B).checkpoints


def test_an_empty_session_is_dropped_for_another(network):
    sessions = full(network)
    (name,) = sessions.networks(f"{9:032x}").checkpoints
    sessions.remove(f"{9:032x}", name)
    sessions.add(A, network)
    assert sessions.networks(A).checkpoints


def test_pages_that_only_ask_have_no_session(network):
    sessions = Sessions()
    for number in range(MAX_SESSIONS + 10):
        secret = f"{number:032x}"
        sessions.begin(str(number), secret)
        sessions.networks(secret)
        sessions.remove(secret, "own-1")
    sessions.add(A, network)
    assert len(sessions) == 1


def test_a_network_that_does_not_read_what_its_file_says_is_refused(trained):
    good = trained[0]
    assert session.verified(good) is good
    for wrong in (
        replace(good, test_digits="7" * 10_000),
        replace(good, summary=good.summary | {"last": {"test_acc": 0.99}}),
        replace(good, state=good.state | zeroed(good)),
    ):
        with pytest.raises(CheckpointError, match="does not read"):
            session.verified(wrong)
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
        Sessions().add(secret, network)


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
    sessions.add(A, network)
    assert list(sessions.networks(A).labels().values()) == [
        f"yours 1: {session.title(network)}"
    ]


def test_networks_of_a_session_answer_together_and_have_a_history(trained, mnist):
    sessions = Sessions()
    assert sessions.networks(A).stack.probs(mnist.test.images[:2]).shape == (0, 2, 10)
    for checkpoint in trained:
        sessions.add(A, checkpoint)
    assert sessions.networks(A).stack.probs(mnist.test.images[:2]).shape == (3, 2, 10)
    rows = sessions.networks(A).history()
    assert rows.groupby("name", sort=False).size().tolist() == [2, 2, 2]

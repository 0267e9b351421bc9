"""What a visit keeps, for how long, and that nobody else gets it."""

from dataclasses import replace

import pytest

from explorer.retrain import session
from explorer.retrain.session import EMPTY, MOST, MOST_VISITS, Visits
from train.checkpoint import STOPPED, CheckpointError
from train.errors import UserError
from train.study import Trial

A, B = "a" * 32, "b" * 32
TRIAL = Trial("GN", 0.0, 0.0, 64, epochs=1)


@pytest.fixture
def found(invent):
    return invent(TRIAL, [1, 2])


def test_a_visit_has_its_own_networks_and_no_others(found):
    kept = Visits()
    name = kept.add(A, found)
    assert kept.shelf(A).networks == {name: found}
    assert kept.shelf(B) is EMPTY
    assert kept.shelf(None) is EMPTY
    kept.remove(B, name)
    assert len(kept) == 1  # to ask makes no visit


def test_names_are_not_used_again(found):
    kept = Visits()
    names = [kept.add(A, found) for _ in range(MOST + 2)]
    assert len(set(names)) == MOST + 2
    assert list(kept.shelf(A).networks) == names[2:]  # the oldest went
    for name in names:
        kept.remove(A, name)
    assert kept.add(A, found) not in names
    assert not any(name.startswith(Trial.__name__) for name in names)


@pytest.fixture
def clock(stopped_clock):
    return stopped_clock(session)


def test_a_visit_outlives_its_page_for_a_moment(found, clock):
    kept = Visits()
    kept.begin("session", A)
    kept.add(A, found)
    kept.end("session")
    clock.now += session.LEFT - 1
    assert kept.shelf(A).networks
    kept.begin("reloaded", A)
    clock.now += 2 * session.LEFT
    assert kept.shelf(A).networks
    kept.begin("copy of the tab", A)
    kept.end("reloaded")
    clock.now += 2 * session.LEFT
    assert kept.shelf(A).networks  # one page is open
    kept.end("copy of the tab")
    kept.end("never begun")
    kept.add(B, found)
    clock.now += session.LEFT + 1
    assert kept.shelf(A) is EMPTY
    assert kept.shelf(B).networks  # its page never said that it is open


def test_no_more_visits_are_kept_than_memory_is_for(found):
    kept = Visits()
    secrets = [f"{place:032x}" for place in range(MOST_VISITS + 3)]
    for secret in secrets:
        kept.add(secret, found)
    assert len(kept) == MOST_VISITS
    assert kept.shelf(secrets[0]) is EMPTY
    assert kept.shelf(secrets[-1]).networks


def full(found) -> Visits:
    """As many visits as can be, all of open pages."""
    kept = Visits()
    for place in range(MOST_VISITS):
        kept.begin(str(place), f"{place:032x}")
        kept.add(f"{place:032x}", found)
    return kept


def test_the_visit_of_an_open_page_makes_room_for_nobody(found, clock):
    kept = full(found)
    with pytest.raises(UserError, match="Too many visitors"):
        kept.add(A, found)
    kept.end("7")
    kept.begin("a", A)
    kept.add(A, found)
    assert kept.shelf(f"{7:032x}") is EMPTY
    with pytest.raises(UserError, match="Too many visitors"):
        kept.add(B, found)
    clock.now += (
        session.QUIET + 1
    )  # nobody trains in an hour: these pages are forgotten
    kept.add(B, found)
    assert kept.shelf(A).networks and kept.shelf(B).networks


def test_a_visit_with_nothing_left_in_it_makes_room(found):
    kept = full(found)
    (name,) = kept.shelf(f"{9:032x}").networks
    kept.remove(f"{9:032x}", name)
    kept.add(A, found)
    assert kept.shelf(A).networks


def test_pages_that_only_ask_keep_nothing(found):
    kept = Visits()
    for place in range(MOST_VISITS + 10):
        secret = f"{place:032x}"
        kept.begin(str(place), secret)
        kept.shelf(secret)
        kept.remove(secret, "own-1")
    kept.add(A, found)
    assert len(kept) == 1


def test_a_network_from_a_file_has_to_read_what_it_says(trained):
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
    with pytest.raises(CheckpointError, match="no numbers"):
        session.verified(replace(good, state=huge))


def zeroed(found) -> dict:
    return {"head.weight": 0 * found.state["head.weight"]}


def test_a_stopped_epoch_is_the_part_that_was_done(found):
    whole = session.rows_of(found)
    assert whole == found.history
    half = replace(found, summary=found.summary | {STOPPED: 469})  # of 938 batches
    assert [row["epoch"] for row in session.rows_of(half)] == [0.5]


@pytest.mark.parametrize("secret", [None, "", "short", "A" * 32, "a" * 33, 7, ["a"]])
def test_what_is_no_secret_keeps_nothing(secret, found):
    with pytest.raises(UserError, match="reload"):
        Visits().add(secret, found)


def test_words_name_what_is_not_the_recipes(invent, found):
    assert session.title(found) == "GN, batch 64, 1 epoch, seed 1"
    odd = replace(TRIAL, lr=0.1, dropout=0.2, groups=2, train_images=5000, epochs=3)
    words = (
        "GN, batch 64, 2 groups, dropout 0.2, lr 0.1, 5,000 images, 3 epochs, seed 1"
    )
    assert session.title(invent(odd, [])) == words
    ended = replace(found, summary=found.summary | {STOPPED: 1234})
    assert session.title(ended).endswith("seed 1, stopped after 1,234 batches")
    kept = Visits()
    kept.add(A, found)
    assert list(kept.shelf(A).words().values()) == [f"yours 1: {session.title(found)}"]


def test_a_visits_networks_answer_together_and_have_a_history(trained, mnist):
    kept = Visits()
    assert kept.shelf(A).stack.probs(mnist.test.images[:2]).shape == (0, 2, 10)
    for network in trained:
        kept.add(A, network)
    assert kept.shelf(A).stack.probs(mnist.test.images[:2]).shape == (3, 2, 10)
    rows = kept.shelf(A).history()
    assert rows.groupby("name", sort=False).size().tolist() == [2, 2, 2]

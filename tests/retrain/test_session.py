"""What a visit keeps, for how long, and that nobody else gets it."""

from dataclasses import replace

import pytest

from explorer import visits
from explorer.visits import EMPTY, MOST, MOST_VISITS, Visits
from train.checkpoint import STOPPED, CheckpointError
from train.study import Trial

A, B = "a" * 32, "b" * 32
TRIAL = Trial("GN", 0.0, 0.0, 64, epochs=1)


@pytest.fixture
def found(invent):
    return invent(TRIAL, [1, 2])


def test_a_visit_has_its_own_networks_and_no_others(found):
    kept = Visits()
    name = kept.open(A).add(found)
    assert kept.shelf(A).networks == {name: found}
    assert kept.shelf(B) is EMPTY
    assert kept.shelf(None) is EMPTY
    assert len(kept) == 1  # to ask makes no visit


def test_names_are_not_used_again(found):
    visit = Visits().open(A)
    names = [visit.add(found) for _ in range(MOST + 2)]
    assert len(set(names)) == MOST + 2
    assert list(visit.shelf.networks) == names[2:]  # the oldest went
    visit.remove(names[-1])
    assert visit.add(found) not in names
    assert not any(name.startswith(Trial.__name__) for name in names)


def test_a_page_that_closes_takes_its_visit_along_and_stops_its_training(found):
    kept = Visits()
    kept.begin("session", A)
    visit = kept.open(A)
    visit.add(found)
    kept.open(B).add(found)
    kept.end("session")
    assert kept.shelf(A) is EMPTY
    assert visit.stops("1")
    assert len(kept.shelf(B).networks) == 1
    kept.end("session")
    kept.end("never begun")


def test_no_more_visits_are_kept_than_memory_is_for(found):
    kept = Visits()
    secrets = [f"{place:032x}" for place in range(MOST_VISITS + 3)]
    for secret in secrets:
        kept.open(secret).add(found)
    assert len(kept) == MOST_VISITS
    assert kept.shelf(secrets[0]) is EMPTY
    assert kept.shelf(secrets[-1]).networks


def test_the_visit_of_an_open_page_makes_room_for_nobody(found):
    kept = Visits()
    kept.begin("session", A)
    mine = kept.open(A)
    mine.add(found)
    for place in range(2 * MOST_VISITS):
        kept.open(f"{place:032x}")
    assert kept.shelf(A).networks and not mine.closed
    full = Visits()
    for place in range(MOST_VISITS):
        full.begin(str(place), f"{place:032x}")
        full.open(f"{place:032x}")
    with pytest.raises(KeyError, match="Too many visitors"):
        full.open(A)


def test_a_network_from_a_file_has_to_read_what_it_says(trained):
    good = trained[0]
    assert visits.verified(good) is good
    for wrong in (
        replace(good, test_digits="7" * 10_000),
        replace(good, summary=good.summary | {"last": {"test_acc": 0.99}}),
        replace(good, state=good.state | zeroed(good)),
    ):
        with pytest.raises(CheckpointError, match="does not read"):
            visits.verified(wrong)
    huge = {name: 3e38 * values.sign() for name, values in good.state.items()}
    with pytest.raises(CheckpointError, match="no numbers"):
        visits.verified(replace(good, state=huge))


def zeroed(found) -> dict:
    return {"head.weight": 0 * found.state["head.weight"]}


def test_a_stopped_epoch_is_the_part_that_was_done(found):
    whole = visits.rows_of(found)
    assert whole == found.history
    half = replace(found, summary=found.summary | {STOPPED: 469})  # of 938 batches
    assert [row["epoch"] for row in visits.rows_of(half)] == [0.5]


@pytest.mark.parametrize("secret", [None, "", "short", "A" * 32, "a" * 33, 7, ["a"]])
def test_what_is_no_secret_opens_nothing(secret):
    with pytest.raises(KeyError, match="reload"):
        Visits().open(secret)


def test_words_name_what_is_not_the_recipes(invent, found):
    assert visits.title(found) == "GN, batch 64, 1 epoch, seed 1"
    odd = replace(TRIAL, lr=0.1, dropout=0.2, groups=2, train_images=5000, epochs=3)
    words = (
        "GN, batch 64, 2 groups, dropout 0.2, lr 0.1, 5,000 images, 3 epochs, seed 1"
    )
    assert visits.title(invent(odd, [])) == words
    ended = replace(found, summary=found.summary | {STOPPED: 1234})
    assert visits.title(ended).endswith("seed 1, stopped after 1,234 batches")
    visit = Visits().open(A)
    visit.add(found)
    assert list(visit.shelf.words().values()) == [f"yours 1: {visits.title(found)}"]


def test_a_visits_networks_answer_together_and_have_a_history(trained, mnist):
    visit = Visits().open(A)
    assert visit.shelf.stack.probs(mnist.test.images[:2]).shape == (0, 2, 10)
    for network in trained:
        visit.add(network)
    assert visit.shelf.stack.probs(mnist.test.images[:2]).shape == (3, 2, 10)
    rows = visit.shelf.history()
    assert rows.groupby("name", sort=False).size().tolist() == [2, 2, 2]


def test_a_stop_is_for_one_training():
    visit = Visits().open(A)
    visit.stop("1")
    assert visit.stops("1") and not visit.stops("2")
    for ticket in range(100):
        visit.stop(str(ticket + 10))
    assert visit.stops("109") and not visit.stops("2")

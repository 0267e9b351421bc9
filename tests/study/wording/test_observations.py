"""Sentences about the observations, made from the words of their parts."""

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from explorer.study import power, wording
from explorer.study.claims import Arm
from explorer.study.families import Contrast, Judged
from explorer.study.observations import ARMS, GRID, OBSERVATIONS, Plan
from explorer.study.parts import NEGLIGIBLE, OPEN, OPPOSITE, SHOWN, SMALL, Part
from explorer.study.statistics import Difference, Judgement

# Estimate and standard error in margins, in the claimed direction, of a part with that word in a family of 8 or fewer.
MADE = {
    SHOWN: (4.0, 0.1),
    SMALL: (1.2, 0.2),
    OPPOSITE: (-4.0, 0.1),
    NEGLIGIBLE: (0.1, 0.1),
    OPEN: (0.5, 1.0),
}


def part(plan: Plan, word: str, is_censored: bool = False) -> Part:
    estimate, error = (size * (plan.margin or 0.0) for size in MADE[word])
    gap = Difference(plan.sign * estimate, error, 100, (40, 40), plan.margin)
    return Part(plan, gap, 8, is_censored, power.alike(error))


def arm(number: int, *words: str) -> Arm:
    """An observation's arm on the grid whose parts have these words."""
    plans = list(OBSERVATIONS[number - 1][2](GRID))
    made = tuple(part(*pair) for pair in zip(plans, words, strict=True))
    assert tuple(one.word for one in made) == words
    return Arm(GRID, (), 0, made)


def test_parts_of_one_word_share_a_clause_and_open_ones_are_the_rest():
    assert wording.observations.sentence(arm(1, SHOWN, SHOWN, NEGLIGIBLE, OPEN)) == (
        "Group norm reads about 0.20 and 0.20 points better than BN and LN at 32 and differs by less than 0.05 points from BN "
        "at 16; the rest cannot be told with so many seeds."
    )
    assert wording.observations.sentence(arm(1, OPEN, SHOWN, OPEN, SHOWN)) == (
        "Group norm reads about 0.20 and 0.20 points better than LN at 32 and at 16; the rest cannot be told with so many seeds."
    )
    assert wording.observations.sentence(arm(1, SMALL, OPPOSITE, OPEN, OPEN)) == (
        "Group norm reads about 0.06 points better than BN at 32 and reads about 0.20 points worse than LN at 32; the rest "
        "cannot be told with so many seeds."
    )


def test_variation_is_given_in_percent_and_epochs_by_threshold():
    words = [SHOWN, NEGLIGIBLE, *[OPEN] * 4, OPPOSITE, OPEN]
    assert wording.observations.sentence(arm(2, *words)) == (
        "Within runs batch norm's test loss varies about 59 % less than GN's and varies like LN's within a factor of 1.25; between "
        "runs batch norm's train loss varies about 144 % more than GN's; the rest cannot be told with so many seeds."
    )
    words = [NEGLIGIBLE, NEGLIGIBLE, SHOWN, OPPOSITE]
    assert wording.observations.sentence(arm(3, *words)) == (
        "To 99.0 % layer norm takes as long as BN and GN to within one epoch; to 99.3 % layer norm takes about 4.0 epochs more than "
        "BN and takes about 4.0 epochs fewer than GN."
    )


def at_batches(*sizes: float) -> tuple[Judged, ...]:
    """Costs of a penalty at the batch sizes of the grid, shown where they are not 0."""
    return tuple(
        Judged(
            Contrast("no penalty", "L1", {}, f"batch {batch}"),
            Judgement(Difference(size, 0.01, 100, (40, 40)), float(not size), 1, 4, 1),
            None,
            "",
        )
        for batch, size in zip((16, 32, 64, 128), sizes, strict=True)
    )


def test_penalties_cost_and_narrow_at_the_batch_sizes_where_that_is_shown():
    words = [SMALL, NEGLIGIBLE, SMALL, SHOWN, SHOWN, OPPOSITE]
    one = arm(4, *words)
    simple = [at_batches(0.1, 0.1, 0, -0.1), at_batches(0, 0, -0.1, 0)]
    parts = [
        replace(part, simple=simple[index]) if index < 2 else part
        for index, part in enumerate(one.parts)
    ]
    assert wording.observations.sentence(replace(one, parts=tuple(parts))) == (
        "L1 (shown at batch 16 and 32, not at 64 and 128) and both together cost about 0.06 and 0.06 points; L2 (though a change is "
        "shown at batch 64) changes the accuracy by less than 0.05 points; L1 and L2 narrow the gap by about 0.20 and 0.20 points; "
        "L1 and L2 together widen the gap by about 0.20 points."
    )


def test_what_is_not_shown_is_not_claimed():
    assert wording.observations.sentence(arm(3, *[OPEN] * 4)) == (
        "None of it can be told with so many seeds."
    )
    assert wording.observations.sentence(Arm("as-run", ())).startswith("No penalty")
    assert wording.observations.sentence(Arm(GRID, (), 3)).startswith("Too few seeds")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("word", MADE)
def test_every_part_has_a_sentence_for_every_word(number, word):
    for plan in OBSERVATIONS[number - 1][2](GRID):
        sentence = wording.observations.of_part(part(plan, word))
        assert sentence[0].isupper() and sentence.endswith(".")
        assert "{" not in sentence
        assert ("cannot be told" in sentence) == (word == OPEN)
        assert (" seeds of each configuration could" in sentence) == (word == OPEN)


def test_a_single_part_says_how_many_seeds_could_tell_and_that_runs_are_censored():
    plan = next(OBSERVATIONS[2][2](GRID))
    one = part(plan, OPEN, is_censored=True)
    assert wording.observations.of_part(one) == (
        f"To 99.0 % layer norm cannot be told from BN; about {one.seeds_needed} seeds of each configuration could; a run that never "
        "reaches it counts as if it did one epoch after its end."
    )


@pytest.mark.parametrize(
    ("number", "tab", "figure"),
    [(1, "compare", None), (2, "curves", ["Loss"]), (3, "curves", ["Accuracy"])],
)
def test_a_link_shows_the_pair_where_its_measure_is_seen(number, tab, figure):
    plan = next(OBSERVATIONS[number - 1][2](GRID))
    query = parse_qs(wording.observations.link(plan))
    assert query["tab"] == [tab]
    assert query.get("figure") == figure


def test_the_curves_of_a_penalty_are_linked_with_those_without():
    *_, plan = OBSERVATIONS[3][2](GRID)
    query = parse_qs(wording.observations.link(plan))
    assert query["regulariser"] == ["L1 + L2|none"]
    assert query["norm"] == ["BN"]


def test_every_arm_has_a_note_and_the_labelled_one_says_that_penalties_differ():
    assert set(wording.observations.ARM_NOTES) == set(ARMS)
    assert "penalties as well" in wording.observations.ARM_NOTES["published"]


def test_the_expected_position_is_above_or_below():
    positions = [
        wording.observations.expected(next(plans(GRID))) for *_, plans in OBSERVATIONS
    ]
    assert positions == ["above", "below", "above", "below"]

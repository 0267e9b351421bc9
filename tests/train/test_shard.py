"""Shards: disjoint, together all, balanced, and the same for everybody."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from train.shard import Shard, cost
from train.study import STUDIES, Trial, alike

TRIALS = [trial for study in STUDIES.values() for trial in study.trials]


def parts(trials: list[Trial], count: int) -> list[list[Trial]]:
    return [Shard(number, count).of(trials) for number in range(1, count + 1)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(TRIALS), max_size=60, unique=True), st.integers(1, 99))
def test_shards_are_disjoint_together_all_and_balanced(trials, count):
    shards = parts(trials, count)
    together = [trial for shard in shards for trial in shard]
    assert len(together) == len(trials) and set(together) == set(trials)
    mean = sum(map(cost, trials)) / count
    most = max(map(cost, trials), default=0)
    for shard in shards:
        assert abs(sum(map(cost, shard)) - mean) <= most * (1 + 1e-9)
        assert shard == sorted(shard, key=trials.index)


def test_shards_of_all_studies_cost_the_same_and_keep_what_can_be_stacked():
    trials = list(
        dict.fromkeys(
            replace(trial, seed=seed) for trial in TRIALS for seed in range(1, 11)
        )
    )
    shards = parts(trials, 8)
    costs = [sum(map(cost, shard)) for shard in shards]
    assert max(costs) < 1.1 * min(costs)
    # A cut divides one kind of trials, so that eight shards add seven kinds at most.
    kinds = sum(len(set(map(alike, shard))) for shard in shards)
    assert kinds <= len(set(map(alike, trials))) + 7


def test_small_batches_cost_what_they_take():
    """Medians of the committed networks on one core: 1.8 s an epoch at batch 16 and 64, 6.5 s at batch 8, 26 s at batch 2."""
    seconds = {2: 26.2, 8: 6.6, 16: 1.88, 64: 1.81}
    base = cost(Trial("GN", 0.0, 0.0, 16)) / seconds[16]
    for batch_size, measured in seconds.items():
        estimated = cost(Trial("GN", 0.0, 0.0, batch_size)) / base
        assert estimated == pytest.approx(measured, rel=0.15)


def test_a_shard_is_named_by_number_and_count():
    shard = Shard.parse("2/8")
    assert shard == Shard(2, 8)
    assert shard.folder(Path("/a/checkpoints")) == Path("/a/checkpoints-2-of-8")
    assert shard.folder(Path()).parent == Path.cwd().parent


@pytest.mark.parametrize("text", ["0/8", "9/8", "1", "1/0", "-1/2", "a/b", "1/2/3"])
def test_a_shard_that_does_not_exist_is_refused(text):
    with pytest.raises(ValueError, match="must be I/N"):
        Shard.parse(text)

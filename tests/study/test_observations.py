"""Plans of the comparisons that test the published observations: trials and directions."""

import pytest

from explorer.study import observations
from explorer.study.observations import ARMS, COLLAPSED_ROW, GRID, LABELLED, RUN
from train.study import ROWS, STUDIES, as_run


@pytest.mark.parametrize("arm", ARMS)
def test_norms_are_compared_where_both_have_the_batch_size(arm):
    for strata in observations.norm_strata(arm, "BN", "GN"):
        (size,) = {trial.batch_size for group in strata for trial in group}
        assert [{trial.norm for trial in group} for group in strata] == [{"BN"}, {"GN"}]
        assert size in (16, 32, 64, 128)


def test_the_grid_compares_norms_at_the_same_penalty():
    strata = observations.norm_strata(GRID, "GN", "LN", [32, 16])
    assert len(strata) == 2 * 4
    for (one,), (other,) in strata:
        assert (one.l1, one.l2, one.batch_size) == (
            other.l1,
            other.l2,
            other.batch_size,
        )


def test_penalties_are_compared_with_the_same_trial_without():
    assert not list(observations.penalties(RUN))
    for arm in (LABELLED, GRID):
        plans = list(observations.penalties(arm))
        assert [plan.sign for plan in plans] == [-1] * 6
        for plan in plans:
            assert all(
                twins == [as_run(one)] and one.regulariser in plan.label
                for (one,), twins in plan.strata
            )
    labelled = [
        one for plan in observations.penalties(LABELLED) for (one,), _ in plan.strata
    ]
    assert ROWS[COLLAPSED_ROW - 1].trial not in labelled


def test_every_observation_has_comparisons_on_the_grid():
    counts = [len(list(plans(GRID))) for _, _, plans in observations.OBSERVATIONS]
    assert counts == [4, 8, 4, 6]
    assert set(ARMS) <= set(STUDIES)

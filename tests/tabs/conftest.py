"""Results that the handlers of the tabs are called with."""

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs.results import Results
from train.study import Trial

GN, BN, LN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN", "LN"))


@pytest.fixture(scope="session")
def shown(invent) -> Results:
    """Five seeds of two configurations, and one of a third."""
    some = [
        invent(replace(trial, seed=seed), range(missed + seed))
        for seed in range(1, 6)
        for trial, missed in ((GN, 60), (BN, 80))
    ]
    return Results(Path(), [*some, invent(LN, range(70))], [])

"""Results of checkpoints that no file holds."""

from collections.abc import Iterable

from explorer.runs.results import Results
from train.checkpoint import FOLDER, Checkpoint


def gathered(checkpoints: Iterable[Checkpoint]) -> Results:
    return Results(FOLDER, list(checkpoints), [])

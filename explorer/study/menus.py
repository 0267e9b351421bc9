"""JSON records of networks for the menus of pages."""

from collections.abc import Iterable

from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from train.checkpoint import Checkpoint
from train.study import STUDIES, Trial

LISTED = max(study.seeds for study in STUDIES.values())  # seeds of a configuration


def choices(results: Results, without: Iterable[Checkpoint] = ()) -> list[dict]:
    """Finished trials but those of `without`, for a menu: name, norm and regulariser, description, accuracy.

    Beyond `LISTED` seeds of a configuration one record has all others, as ranges: pages do not grow with the seeds.
    """
    excluded = {checkpoint.trial for checkpoint in without}
    seeds: dict[str, list[tuple[Trial, float]]] = {}
    for trial, accuracy in results.accuracies:
        seeds.setdefault(trial.config, []).append((trial, accuracy))
    records = []
    for runs in seeds.values():
        family = f"{runs[0][0].norm}, {runs[0][0].regulariser}"
        words = describe(runs[0][0])
        records += [
            {
                "name": trial.name,
                "family": family,
                "words": f"{words}, seed {trial.seed}",
                "accuracy": f"{accuracy:.2%}",
            }
            for trial, accuracy in runs[:LISTED]
            if trial not in excluded
        ]
        further = [trial.seed for trial, _ in runs[LISTED:] if trial not in excluded]
        if further:
            config, ranges = runs[0][0].config, _ranges(further)
            records.append(
                {"config": config, "family": family, "words": words, "seeds": ranges}
            )
    return records


def words_of(checkpoint: Checkpoint) -> str:
    """Configuration and seed of a network, and the epoch of one that is midway."""
    trial = checkpoint.trial
    midway = f", after epoch {checkpoint.epoch}" if checkpoint.is_midway else ""
    return f"{describe(trial)}, seed {trial.seed}{midway}"


def learned(results: Results) -> list[dict]:
    """Trials whose networks were kept while they learned: their description, and the networks' names by epoch."""
    return [
        {
            "words": words_of(steps[max(steps)]),
            "steps": [[epoch, network.name] for epoch, network in steps.items()],
        }
        for steps in results.learned()
    ]


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Ranges of ascending whole numbers, both ends included: 3, 4, 5, 9 are [[3, 5], [9, 9]]."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges

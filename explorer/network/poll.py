"""Poll of the voters on one digit: what `/predict` and the page of the pad are answered from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.digits import typicality
from explorer.network import ablation, predictions
from explorer.network.predictions import Consensus, Means, Vote
from explorer.runs.results import Results
from train.study import Trial


@dataclass(frozen=True)
class Poll:
    """Voters that were asked, as indices into all voters, their trials and probabilities (E, 10), and the measures of the digit."""

    voters: tuple[int, ...]
    trials: tuple[Trial, ...]
    probs: np.ndarray
    measured: list[typicality.Measured]

    @cached_property
    def vote(self) -> Vote | None:
        return predictions.vote(self.trials, self.probs)

    @cached_property
    def consensus(self) -> Consensus:
        return predictions.consensus(self.probs)

    @cached_property
    def means(self) -> Means:
        return predictions.means(self.trials, self.probs)


def poll(
    results: Results,
    digit: np.ndarray,
    settings: ablation.Settings | None = None,
    first: bool = False,
) -> Poll:
    """Poll on a digit (28, 28) uint8, of all voters or with `first` of one seed of each configuration."""
    image = ablation.network_input(digit, settings or ablation.Settings())
    voters = predictions.polled(results, first)
    return Poll(
        voters,
        tuple(results.voters[index].trial for index in voters),
        predictions.predict(results, image, first),
        typicality.judge(digit),
    )

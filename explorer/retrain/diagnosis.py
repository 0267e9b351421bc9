"""Diagnoses of trainings that learned nothing or diverged, in sentences."""

import math

from train.checkpoint import Checkpoint
from train.study import Trial

GUESSING = (
    math.log(10) - 0.01
)  # nats: the loss of equal odds for ten digits, less rounding


def guesses(row: dict) -> bool:
    """True where both losses of an epoch are those of equal odds for ten digits."""
    losses = (row["train_loss"], row["test_loss"])
    return all(loss is not None and loss > GUESSING for loss in losses)


def explain(trial: Trial) -> str:
    """Sentences on why a network only guesses, by its largest setting."""
    text = (
        "It only guesses: its loss is log 10 = 2.30 nats, that of equal odds for ten digits. "
        "Nothing more is to be expected of it. "
    )
    if trial.l1 >= 1e-2:
        pull = trial.lr * trial.l1
        return text + (
            f"L1 {trial.l1:g} pulls every weight towards 0 by lr x L1 = {pull:.2g} a step whatever its size, and by ten times that "
            "with the momentum: more than the digits pull the other way."
        )
    if trial.l2 >= 1e-1:
        return text + (
            f"L2 {trial.l2:g} takes lr x L2 = {trial.lr * trial.l2:.1%} of every weight at each step: more than the digits give back."
        )
    if trial.lr > 10 * Trial.lr:
        return text + (
            f"The learning rate {trial.lr:g} is far above the study's {Trial.lr:g}: the first steps throw the weights where no gradient leads back."
        )
    return text + "It may have had too few steps."


def diverged(checkpoint: Checkpoint) -> str:
    """Sentences on a training that diverged; "" for any other."""
    epoch = checkpoint.summary["diverged"]
    if not epoch:
        return ""
    return (
        f"It diverged: in epoch {epoch} the loss stopped being a number, because each step of learning rate "
        f"{checkpoint.trial.lr:g} made the next one larger. Kept is the network as it was before that epoch."
    )

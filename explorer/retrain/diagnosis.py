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
    text = "It only guesses: its loss is log 10 = 2.30 nats, that of equal odds for ten digits. "
    if trial.l1 >= 1e-2:
        pull = trial.lr * trial.l1
        return text + (
            f"L1 {trial.l1:g} pulls every weight towards 0 by lr x L1 = {pull:.2g} a step, whatever the size of the weight, and by ten "
            "times that with the momentum; the gradient of the digits pulls the other way with less force."
        )
    if trial.l2 >= 1e-1:
        return text + (
            f"L2 {trial.l2:g} shrinks every weight by lr x L2 = {trial.lr * trial.l2:.1%} at each step; the gradient of the digits gives back less."
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
        f"{checkpoint.trial.lr:g} made the next one larger. The network is kept as it was before that epoch."
    )

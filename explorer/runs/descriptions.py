"""Descriptions of trials for people, and their settings as columns of tables."""

from train.checkpoint import Checkpoint
from train.norms import BY_KEY
from train.study import Trial, is_further_seed, studies_of


def describe(trial: Trial) -> str:
    """Description of a configuration, with every setting that differs from the recipe: "GN, L1 0.0001, batch 64, lr 0.1"."""
    norm = BY_KEY[trial.norm].label
    parts = [norm, *penalties(trial), f"batch {trial.batch_size}"]
    return ", ".join(parts + differences(trial))


def penalties(trial: Trial) -> list[str]:
    """Descriptions of a trial's penalties: ["L1 0.0001", "L2 0.0004"]."""
    weights = {"L1": trial.l1, "L2": trial.l2}
    return [f"{label} {weight:g}" for label, weight in weights.items() if weight]


def differences(trial: Trial) -> list[str]:
    """Descriptions of a trial's settings that differ from the recipe: ["lr 0.1", "1 epoch"]."""
    return [
        text.format(value).replace("1 epochs", "1 epoch")
        if name == "epochs" and value == 1
        else text.format(value)
        for name, text in RECIPE.items()
        if (value := getattr(trial, name)) != getattr(Trial, name)
    ]


RECIPE = {  # fields of `Trial` that all studies but one share
    "groups": "{} groups",
    "dropout": "dropout {:g}",
    "rotation": "rotation {:g}",
    "lr": "lr {:g}",
    "momentum": "momentum {:g}",
    "lr_decay": "decay {:g}",
    "lr_decay_after": "decay after epoch {}",
    "lr_decay_every": "decay every {} epochs",
    "train_images": "{:,} images",
    "epochs": "{} epochs",
}
NO_STUDY = "none"
JOINT = ", "  # separator of the names of studies that share a run


def averaged(trial: Trial) -> str:
    """Key of the runs that are averaged with a trial: its configuration, with a suffix for seeds beyond those of its study."""
    return f"{trial.config}_further" if is_further_seed(trial) else trial.config


def describe_averaged(trial: Trial) -> str:
    """Description of the runs that are averaged with a trial."""
    return describe(trial) + (", further seeds" if is_further_seed(trial) else "")


SETTINGS = [
    "name",
    "config",
    "norm",
    "l1",
    "l2",
    "regulariser",
    "batch_size",
    "seed",
    "epochs",
]


def settings(trial: Trial) -> dict:
    """Settings of a trial, and `study`, the names of the studies that it belongs to."""
    return {
        **{key: getattr(trial, key) for key in SETTINGS},
        "study": JOINT.join(studies_of(trial)) or NO_STUDY,
    }


TRIAL_COLUMNS = [
    *SETTINGS,
    "lr",
    "study",
    "last_acc",
    "best_acc",
    "best_epoch",
    "clean_train_acc",
    "calibration_error",
    "diverged",
    "engine",
]


def trial_row(network: Checkpoint) -> dict:
    """Row of `Results.trials`: settings of a network's trial, and its figures."""
    trial, summary = network.trial, network.summary
    best = summary["best"] or {"test_acc": None, "epoch": None}
    return {
        **settings(trial),
        "lr": trial.lr,
        "last_acc": summary["last"]["test_acc"],
        "best_acc": best["test_acc"],
        "best_epoch": best["epoch"],
        "clean_train_acc": summary["clean_train_acc"],
        "calibration_error": summary["calibration_error"],
        "diverged": summary["diverged"],
        "engine": network.engine,
    }

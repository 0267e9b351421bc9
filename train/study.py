"""Trial (a configuration and a seed), and the studies: fixed sets of configurations with a fixed number of seeds."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache, cached_property
from typing import Any

from train import data_sets
from train.data_sets import FASHION, MNIST, DataSet
from train.norms import BY_KEY

TRAIN_IMAGES = 60_000


@dataclass(frozen=True)
class Bounds:
    """Allowed values of a hyperparameter: one of `choices`, or a number from `low` to `high`."""

    text: str  # the allowed values in English, after "must be"
    low: float = 0
    high: float = 0
    choices: tuple = ()
    without_low: bool = False  # an open interval
    without_high: bool = False

    def allow(self, value) -> bool:
        if self.choices:
            return value in self.choices
        if value == self.low and self.without_low:
            return False
        if value == self.high and self.without_high:
            return False
        return self.low <= value <= self.high  # False for NaN


_PENALTY = Bounds("a number from 0 to 1000", 0, 1000)
_FRACTION = Bounds("from 0 to below 1", 0, 1, without_high=True)
_IMAGES = Bounds(f"from 1 to {TRAIN_IMAGES}", 1, TRAIN_IMAGES)
BOUNDS = {  # by field of `Trial`
    "norm": Bounds(f"one of {', '.join(BY_KEY)}", choices=tuple(BY_KEY)),
    "l1": _PENALTY,
    "l2": _PENALTY,
    "batch_size": _IMAGES,
    "groups": Bounds("1, 2, 4 or 8 (it divides the 8 channels)", choices=(1, 2, 4, 8)),
    "dropout": _FRACTION,
    "rotation": Bounds("from 0 to 180 degrees", 0, 180),
    "lr": Bounds("a number above 0 and at most 1e+30", 0, 1e30, without_low=True),
    "momentum": _FRACTION,
    "lr_decay": Bounds("above 0 and at most 1", 0, 1, without_low=True),
    "lr_decay_after": Bounds("from 0 to 10000", 0, 10_000),
    "lr_decay_every": Bounds("from 1 to 10000", 1, 10_000),
    "epochs": Bounds("from 1 to 10000", 1, 10_000),
    "train_images": _IMAGES,
    "seed": Bounds("from 0 to 2^32 - 1", 0, 2**32 - 1),
    "data_set": Bounds(
        f"one of {', '.join(data_sets.BY_NAME)}", choices=tuple(data_sets.BY_NAME)
    ),
}


@dataclass(frozen=True)
class Trial:
    """Hyperparameters of one training run, and its seed.

    The first four are the scientific ones; the defaults of the others are the published recipe. Raises `ValueError`, naming the
    field, the value received and what is allowed, for anything that cannot be trained.
    """

    norm: str  # a key of `train.norms`
    l1: float  # weight of sum(|w|) over all parameters, added to the loss
    l2: float  # `weight_decay` of SGD
    batch_size: int
    groups: int = 4  # of GN
    dropout: float = 0.069  # probability of zeroing an element
    rotation: float = 7.0  # largest angle of training images in degrees, either way
    lr: float = 0.04104
    momentum: float = 0.9
    lr_decay: float = 0.09  # factor of every decay
    lr_decay_after: int = 12  # the schedule steps after every epoch beyond this one
    lr_decay_every: int = 2  # epochs between two decays
    epochs: int = 25
    train_images: int = TRAIN_IMAGES  # number taken from the start of the training set
    seed: int = 1
    # Name in `train.data_sets`. Texts of a trial of MNIST are those of before there were others.
    data_set: str = field(default=MNIST.name, repr=False)

    def __post_init__(self):
        for one in fields(self):
            _check_type(one.name, getattr(self, one.name), one.type)
            if one.type is float:  # 0 and 0.0 are the same trial
                object.__setattr__(self, one.name, float(getattr(self, one.name)))
        for name, bounds in BOUNDS.items():
            value = getattr(self, name)
            if not bounds.allow(value):
                raise ValueError(f"{name} must be {bounds.text}; got {value!r}")

    @cached_property
    def config(self) -> str:
        """Name of the configuration: the scientific hyperparameters and those that differ from the recipe."""
        parts = [self.norm]
        for one in fields(self)[1:]:
            value = getattr(self, one.name)
            if one.name in ("seed", "data_set"):
                continue
            if one.name in SCIENTIFIC or value != one.default:
                parts.append(
                    f"{one.name.replace('batch_size', 'batch')}={_number(value)}"
                )
        if self.data_set != MNIST.name:
            parts.append(f"data={self.data.key}")
        return "_".join(parts)

    @cached_property
    def name(self) -> str:
        """Name of the trial and of its checkpoint: `GN_l1=0.0001_l2=0_batch=64_seed=1`."""
        return f"{self.config}_seed={self.seed}"

    @cached_property
    def regulariser(self) -> str:
        """Penalties with a weight above 0: "none", "L1", "L2" or "L1 + L2"."""
        return (
            " + ".join(
                label for label, weight in (("L1", self.l1), ("L2", self.l2)) if weight
            )
            or "none"
        )

    @property
    def data(self) -> DataSet:
        """Data set that it is trained on."""
        return data_sets.BY_NAME[self.data_set]

    def lr_at(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 1.

        StepLR(lr_decay_every, lr_decay), stepped after an epoch only when epoch > lr_decay_after.
        """
        steps = max(0, epoch - 1 - self.lr_decay_after)
        return self.lr * self.lr_decay ** (steps // self.lr_decay_every)

    def to_dict(self) -> dict:
        """Its fields for JSON, the data set only where it is not MNIST."""
        values = asdict(self)
        if self.data_set == MNIST.name:
            del values["data_set"]
        return values

    @classmethod
    def from_dict(cls, values: dict) -> "Trial":
        """Inverse of `to_dict`. Raises `ValueError` for a missing or unknown key: no field but the data set takes its default."""
        names = {one.name for one in fields(cls)}
        given = set(values) if isinstance(values, dict) else set()
        if given | {"data_set"} != names:
            differing = sorted(names.symmetric_difference(given) - {"data_set"})
            raise ValueError(
                f"trial: expected exactly the fields of Trial, differs in {', '.join(differing)}"
            )
        return cls(**values)


SCIENTIFIC = ("norm", "l1", "l2", "batch_size")


def _check_type(name: str, value, expected: Any):
    allowed = (int, float) if expected is float else expected
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise TypeError(f"{name} must be of type {expected.__name__}; got {value!r}")


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


@dataclass(frozen=True)
class Row:
    """Row of the published table: its trial as labelled, and the maximum test accuracy over 25 epochs."""

    number: int
    trial: Trial
    accuracy: float  # a fraction, of one run


ROWS = tuple(
    Row(number, Trial(norm, l1, l2, batch_size), accuracy)
    for number, norm, l1, l2, batch_size, accuracy in (
        (1, "GN", 0.0, 0.0, 128, 0.9931),
        (2, "GN", 0.099455391, 0.0, 123, 0.9932),
        (3, "GN", 0.0001, 0.0, 64, 0.9944),
        (4, "GN", 0.0001, 0.0004, 64, 0.9944),
        (5, "GN", 0.0001, 0.0004, 32, 0.9941),
        (6, "GN", 0.0001, 0.0004, 16, 0.9932),
        (7, "LN", 0.0, 0.00002, 128, 0.9939),
        (8, "LN", 0.0, 0.006604, 128, 0.9943),
        (9, "LN", 0.0, 0.006604, 32, 0.9941),
        (10, "LN", 0.0, 0.006604, 16, 0.9910),
        (11, "BN", 0.000004, 0.000001, 128, 0.9933),
        (12, "BN", 0.000004, 0.000001, 64, 0.9941),
        (13, "BN", 0.000004, 0.000001, 32, 0.9928),
        (14, "BN", 0.000004, 0.000001, 16, 0.9932),
    )
)


def as_run(trial: Trial) -> Trial:
    """Trial without its penalties, which no run saved in the published notebook applied."""
    return replace(trial, l1=0.0, l2=0.0)


def rows_of(trial: Trial) -> list[int]:
    """Numbers of the published rows that a trial reproduces, as labelled or as run, whatever its seed."""
    trial = replace(trial, seed=Trial.seed)
    return [row.number for row in ROWS if trial in (row.trial, as_run(row.trial))]


@dataclass(frozen=True)
class Study:
    """Study: configurations, each as its trial of seed 1, and the number of seeds per configuration, by docs/protocol.md."""

    name: str
    trials: tuple[Trial, ...]
    seeds: int

    @cached_property
    def runs(self) -> frozenset[Trial]:
        """All trials of the study: its configurations with the seeds 1 to `seeds`."""
        return frozenset(with_seeds(self.trials, self.seeds))

    @property
    def data(self) -> DataSet:
        """Data set of its trials."""
        return self.trials[0].data

    @cached_property
    def norms(self) -> tuple[str, ...]:
        """Norms of the study's trials, in the order of `train.norms`."""
        return tuple(key for key in BY_KEY if any(key == t.norm for t in self.trials))


def with_seeds(trials: Iterable[Trial], seeds: int) -> list[Trial]:
    """Trials with the seeds 1 to `seeds`, without duplicates, seed by seed."""
    return list(
        dict.fromkeys(
            replace(trial, seed=seed)
            for seed in range(1, seeds + 1)
            for trial in trials
        )
    )


def alike(trial: Trial) -> Trial:
    """Trial that stands for all those that differ from it only in seed, penalties and learning rate: a GPU stacks them."""
    return replace(trial, seed=0, l1=0.0, l2=0.0, lr=1.0)


PUBLISHED = tuple(row.trial for row in ROWS)
AS_RUN = tuple(dict.fromkeys(as_run(trial) for trial in PUBLISHED))
GRID_BATCH_SIZES = (16, 32, 64, 128)
GRID = tuple(
    Trial(norm, l1, l2, batch_size)
    for norm in ("BN", "GN", "LN")
    for l1, l2 in ((0.0, 0.0), (1e-4, 0.0), (0.0, 4e-4), (1e-4, 4e-4))
    for batch_size in GRID_BATCH_SIZES
)
SMALL_BATCH = tuple(  # the learning rate is proportional to the batch size below 16
    Trial(norm, 0.0, 0.0, batch_size, lr=lr)
    for batch_size, lr in ((2, 0.00513), (4, 0.01026), (8, 0.02052))
    for norm in ("BN", "GN", "LN")
)
# The penalty summed over an epoch is that of 1e-4 at batch 128: eight times the steps, an eighth of the weight.
DOSE = tuple(Trial(norm, 1.25e-5, 0.0, 16) for norm in ("BN", "GN", "LN"))
LEARNING_RATE = tuple(
    Trial(norm, 0.0, 0.0, batch_size, lr=lr)
    for lr in (0.01026, 0.02052, 0.08208, 0.16416)  # 1/4 to 4 times the recipe's
    for batch_size in (16, 128)
    for norm in ("BN", "GN", "LN")
)
CONTROL = tuple(  # what norms are for: the affine alone, and a norm without the mean
    Trial(norm, 0.0, 0.0, batch_size, lr=lr)
    for lr in (Trial.lr, 0.01026)  # the recipe's and a quarter of it
    for batch_size in (16, 128)
    for norm in ("none", "RMS")
)
# Part of the other studies on another data set; the rows are those as labelled.
REPLICATION = tuple(
    replace(trial, data_set=FASHION.name)
    for trial in (
        *(
            Trial(norm, 0.0, 0.0, batch_size)
            for batch_size in (16, 128)
            for norm in ("BN", "GN", "LN")
        ),
        *(row.trial for row in ROWS if row.number in (7, 11)),
    )
)
STUDIES = {
    study.name: study
    for study in (
        Study("published", PUBLISHED, 10),
        Study("as-run", AS_RUN, 10),
        Study("grid", GRID, 10),
        Study("small-batch", SMALL_BATCH, 10),
        Study("dose", DOSE, 10),
        Study("learning-rate", LEARNING_RATE, 5),
        Study("control", CONTROL, 10),
        Study("replication", REPLICATION, 10),
    )
}


def studies_on(data_set: DataSet) -> list[Study]:
    """Studies of a data set."""
    return [study for study in STUDIES.values() if study.data is data_set]


# Studies with one recipe, whose networks count for overall statements, hard images and votes.
CORE = ("published", "as-run", "grid")
VOTING_SEEDS = 5  # networks that vote have the seeds 1 to 5


@cache
def _seeds() -> dict[str, list[tuple[str, int]]]:
    """Studies of every configuration, by its name, with their numbers of seeds."""
    seeds: dict[str, list[tuple[str, int]]] = {}
    for study in STUDIES.values():
        for trial in study.trials:
            seeds.setdefault(trial.config, []).append((study.name, study.seeds))
    return seeds


def studies_of(trial: Trial) -> tuple[str, ...]:
    """Names of the studies that a trial, seed included, belongs to; empty for a further seed or another recipe."""
    studies = _seeds().get(trial.config, ())
    return tuple(name for name, seeds in studies if 1 <= trial.seed <= seeds)


def is_further_seed(trial: Trial) -> bool:
    """True if a trial has a configuration of a study, but a seed beyond the seeds of every study that has it."""
    return trial.config in _seeds() and not studies_of(trial)

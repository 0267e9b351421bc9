"""What is trained: one trial (a configuration and a seed), and the three studies made of trials."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

NORMS = ("BN", "GN", "LN")
TRAIN_IMAGES = 60_000


@dataclass(frozen=True)
class Trial:
    """Every hyperparameter of one training run, and its seed.

    The first four are the scientific ones; the others are the published recipe. Raises `ValueError`, naming the
    field, the value received and what is allowed, for anything that cannot be trained.
    """

    norm: str  # "BN", "GN" or "LN"
    l1: float  # weight of sum(|w|) over all parameters, added to the loss
    l2: float  # `weight_decay` of SGD
    batch_size: int
    groups: int = 4  # of GN
    dropout: float = 0.069  # probability of zeroing an element
    rotation: float = 7.0  # training images turn by up to this many degrees either way
    lr: float = 0.04104
    momentum: float = 0.9
    lr_decay: float = 0.09  # factor of every decay
    lr_decay_after: int = (
        12  # the schedule is stepped from the end of the next epoch on
    )
    lr_decay_every: int = 2  # epochs between two decays
    epochs: int = 25
    train_images: int = TRAIN_IMAGES  # the first so many of the training set
    seed: int = 1

    def __post_init__(self):
        for field in fields(self):
            _check_type(field.name, getattr(self, field.name), field.type)
            if field.type is float:  # 0 and 0.0 are the same trial
                object.__setattr__(self, field.name, float(getattr(self, field.name)))
        _require(self.norm in NORMS, "norm", self.norm, f"one of {', '.join(NORMS)}")
        for name in ("l1", "l2"):
            _require(
                0 <= getattr(self, name) < math.inf,
                name,
                getattr(self, name),
                "a number of 0 or more",
            )
        _require(
            1 <= self.batch_size <= TRAIN_IMAGES,
            "batch_size",
            self.batch_size,
            f"from 1 to {TRAIN_IMAGES}",
        )
        _require(
            self.groups in (1, 2, 4, 8),
            "groups",
            self.groups,
            "1, 2, 4 or 8 (it divides the 8 channels)",
        )
        _require(0 <= self.dropout < 1, "dropout", self.dropout, "from 0 to below 1")
        _require(
            0 <= self.rotation <= 180,
            "rotation",
            self.rotation,
            "from 0 to 180 degrees",
        )
        _require(0 < self.lr < math.inf, "lr", self.lr, "a number above 0")
        _require(0 <= self.momentum < 1, "momentum", self.momentum, "from 0 to below 1")
        _require(
            0 < self.lr_decay <= 1, "lr_decay", self.lr_decay, "above 0 and at most 1"
        )
        _require(
            self.lr_decay_after >= 0, "lr_decay_after", self.lr_decay_after, "0 or more"
        )
        _require(
            self.lr_decay_every >= 1, "lr_decay_every", self.lr_decay_every, "1 or more"
        )
        _require(1 <= self.epochs <= 10_000, "epochs", self.epochs, "from 1 to 10000")
        _require(
            1 <= self.train_images <= TRAIN_IMAGES,
            "train_images",
            self.train_images,
            f"from 1 to {TRAIN_IMAGES}",
        )
        _require(0 <= self.seed < 2**32, "seed", self.seed, "from 0 to 2^32 - 1")

    @property
    def config(self) -> str:
        """The name of the configuration: the scientific hyperparameters and whatever differs from the recipe."""
        parts = [self.norm]
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if field.name != "seed" and (
                field.name in SCIENTIFIC or value != field.default
            ):
                parts.append(
                    f"{field.name.replace('batch_size', 'batch')}={_number(value)}"
                )
        return "_".join(parts)

    @property
    def name(self) -> str:
        """The name of the trial, of its checkpoint too: `GN_l1=0.0001_l2=0_batch=64_seed=1`."""
        return f"{self.config}_seed={self.seed}"

    @property
    def regulariser(self) -> str:
        """Which penalties act: "none", "L1", "L2" or "L1 + L2"."""
        return (
            " + ".join(
                label for label, weight in (("L1", self.l1), ("L2", self.l2)) if weight
            )
            or "none"
        )

    def lr_at(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 1.

        StepLR(lr_decay_every, lr_decay), stepped after an epoch only when epoch > lr_decay_after.
        """
        steps = max(0, epoch - 1 - self.lr_decay_after)
        return self.lr * self.lr_decay ** (steps // self.lr_decay_every)

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "Trial":
        """The inverse of `to_dict`; a missing or unknown key is an error, so that no default slips in."""
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) != names:
            odd = sorted(
                names.symmetric_difference(values if isinstance(values, dict) else ())
            )
            raise ValueError(
                f"trial: expected exactly the fields of Trial, differs in {', '.join(odd)}"
            )
        return cls(**values)


SCIENTIFIC = ("norm", "l1", "l2", "batch_size")


def _require(ok: bool, name: str, value, allowed: str):
    if not ok:  # NaN fails every comparison, so it ends here too
        raise ValueError(f"{name} must be {allowed}; got {value!r}")


def _check_type(name: str, value, expected: type):
    allowed = (int, float) if expected is float else expected
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise TypeError(f"{name} must be of type {expected.__name__}; got {value!r}")


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


@dataclass(frozen=True)
class Row:
    """One row of the published table: its trial as labelled, and the maximum test accuracy over 25 epochs."""

    number: int
    trial: Trial
    accuracy: float  # a fraction, one run, the best of its 25 epochs


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
    """The trial as the published notebook ran it: its regularisers were never applied."""
    return replace(trial, l1=0.0, l2=0.0)


def rows_of(trial: Trial) -> list[int]:
    """The numbers of the published rows that this trial reproduces with its seed, as labelled or as run."""
    trial = replace(trial, seed=Trial.seed)
    return [row.number for row in ROWS if trial in (row.trial, as_run(row.trial))]


PUBLISHED = tuple(row.trial for row in ROWS)
AS_RUN = tuple(dict.fromkeys(as_run(trial) for trial in PUBLISHED))
GRID_BATCH_SIZES = (16, 32, 64, 128)
GRID = tuple(
    Trial(norm, l1, l2, batch_size)
    for norm in NORMS
    for l1, l2 in ((0.0, 0.0), (1e-4, 0.0), (0.0, 4e-4), (1e-4, 4e-4))
    for batch_size in GRID_BATCH_SIZES
)
STUDIES = {
    "published": PUBLISHED,
    "as-run": AS_RUN,
    "grid": GRID,
    "all": tuple(dict.fromkeys(PUBLISHED + AS_RUN + GRID)),
}


def with_seeds(trials: Iterable[Trial], seeds: int) -> list[Trial]:
    """Every trial with the seeds 1 to `seeds`, each distinct trial once, seed by seed."""
    return list(
        dict.fromkeys(
            replace(trial, seed=seed)
            for seed in range(1, seeds + 1)
            for trial in trials
        )
    )

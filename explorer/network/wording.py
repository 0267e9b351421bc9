"""Sentences about what `explorer.network` computes, for the pages of the tabs. Imports its computing modules; none of those imports it."""

import numpy as np
import pandas as pd

from explorer.digits import typicality
from explorer.network import activations, weights
from explorer.network.predictions import Dissent, Vote
from explorer.runs.results import Results, describe
from explorer.study import regularisation
from explorer.study.wording.numbers import listed
from train.checkpoint import Checkpoint
from train.norms import BY_KEY, Norm
from train.study import VOTING_SEEDS, Trial, as_run, studies_of

NOTHING = "No network has been trained yet: run python train/all.py, then start again."
MOST_NAMED = 3  # other digits that a verdict speaks of


def voters(results: Results) -> str:
    """The networks that vote; "" where they belong to no study."""
    if not results.voters or not studies_of(results.voters[0].trial):
        return ""
    return (
        f"These {len(results.voters)} networks are the seeds 1 to {VOTING_SEEDS} of each configuration of {results.core.scope} "
        "that learned."
    )


def verdict(vote: Vote | None) -> str:
    """The consensus, and who disagrees: by name, by what they have in common, or by their number."""
    if not vote:
        return NOTHING
    if vote.networks == 1:
        return f"The only network reads {vote.digit}."
    if not vote.dissents:
        all_ = "Both" if vote.networks == 2 else f"All {vote.networks}"
        return f"{all_} networks read {vote.digit}."
    said = list(map(_dissent, vote.dissents[:MOST_NAMED]))
    if rest := sum(dissent.count for dissent in vote.dissents[MOST_NAMED:]):
        said.append(f"{rest} something else")
    return f"{vote.agree} of {vote.networks} networks read {vote.digit}; {', '.join(said)}."


def _dissent(dissent: Dissent) -> str:
    if dissent.count == 1:
        return f"{describe(dissent.first)}, seed {dissent.first.seed} reads {dissent.digit}"
    if not dissent.shared:
        return f"{dissent.count} read {dissent.digit}"
    words = " ".join(
        LEVELS[factor](getattr(dissent.first, factor)) for factor in dissent.shared
    )
    if "norm" not in dissent.shared:
        words = f"networks {words}"
    return f"only {words} read {dissent.digit} ({dissent.count} of {dissent.alike})"


NAMES = {key: norm.name.replace(" ", "-") for key, norm in BY_KEY.items()}
LEVELS = {  # of the factors
    "norm": lambda value: f"{NAMES[value]} networks",
    "regulariser": lambda value: (
        "without a penalty" if value == "none" else f"with {value}"
    ),
    "batch_size": lambda value: f"at batch {value}",
}


def doubt(entropy: float) -> str:
    """The entropy of the networks' mean answer, in bits."""
    words = next(words for least, words in DOUBTS if entropy >= least)
    return f"{words}: {entropy:.2f} of at most {np.log2(10):.2f} bits of entropy."


DOUBTS = (
    (2.0, "They are lost"),
    (1.0, "They are divided"),
    (0.3, "They are in some doubt"),
    (0.0, "They are sure"),
)


def badge(known: typicality.Reference) -> str:
    """False alarms of the badge of a digit, and digits made harder that it notices."""
    caught = ", ".join(f"{name} {share:.0%}" for name, share in known.caught.items())
    return (
        f"The badge calls {known.false_alarms:.1%} of MNIST's own test digits unlike. Made harder as in Trust, at the last strength, "
        f"it notices: {caught}."
    )


def unlike(measured: list[typicality.Measured]) -> list[str]:
    """Reasons why a digit is unlike MNIST's; none for a usual one."""
    usual = 100 - 100 * typicality.TAIL
    return [
        f"{one.unusual} {usual:.1f} % of MNIST's digits"
        for one in measured
        if one.unusual
    ]


def penalty(found: Checkpoint, acted: pd.DataFrame) -> str:
    """Effect of the penalty of a network, by all seeds of its configuration; `acted` is `regularisation.acted`."""
    trial = found.trial
    if trial.regulariser == "none":
        return f"{describe(trial)} has no penalty."
    if trial.config not in set(acted.config):
        share = weights.growth(found).share[-1]
        return f"{describe(trial)}: in the end the penalty is {share:.1f} % of the loss. Whether it acted is tested for published, as-run and grid only."
    row = acted.set_index("config").loc[trial.config]
    share = f"{100 * row.share:.1f} % of its loss"
    if row.flag == regularisation.COLLAPSED:
        return f"{describe(trial)}: the penalty destroyed the network, which reads {row.acc:.0f} % right; in the end it was {share}."
    if np.isnan(row.shrunk):
        return f"{describe(trial)}: the penalty is {share}; {describe(as_run(trial))}, without it, is not trained."
    change = f"the sum of |w| is {100 * row.shrunk:+.1f} % against the same network without it"
    said = {
        regularisation.ACTED: "the penalty acted",
        regularisation.NOTHING: "the penalty moved nothing",
    }.get(row.flag, "whether the penalty acted is undecided")
    return f"{describe(trial)}: {said}: {change}, {row.seeds} seeds; it is {share}."


EFFECTIVE_RATE = (
    "Each convolution is followed by ReLU and a norm, so the scale of its weights w changes nothing, and its gradient shrinks as 1 / |w|: "
    "a step with learning rate lr turns w as far as one with lr / |w|² would at |w| = 1, the effective learning rate (van Laarhoven 2017, "
    "arXiv 1706.05350; Zhang et al. 2019, arXiv 1810.12281). An L2 penalty keeps |w| small, and so the steps large. Drawn is lr over the mean "
    "|w|² of the six convolutions."
)


def taken(trial: Trial, shift: float) -> str:
    """The channels that the norm of a network takes together, and how far those of a digit lie from their means."""
    norm = BY_KEY[trial.norm]
    takes = norm.takes.format(
        *(size // norm.groups(size, trial.groups) for size in (8, 16))
    )
    return (
        f"{norm.key} takes {takes}. This digit's channels lie {shift:.2f} from the means they are taken by "
        "(root mean square over all channels)."
    )


def together(norm: Norm, part: activations.Together) -> str:
    """The channels and images of a picture that a norm takes together."""
    channels, images = activations.DRAWN
    some = "all" if part.channels == channels else COUNTS[part.channels]
    return (
        f"{norm.name}: {some} channel{'' if part.channels == 1 else 's'}, "
        f"{'all images' if part.images == images else 'one image'}"
    )


COUNTS = {1: "a", 2: "two", 4: "four"}


def unmoved() -> str:
    """The norms that no batch moves."""
    norms = [norm for norm in BY_KEY.values() if not norm.over_batch]
    names = listed([norm.name.removesuffix(" norm") for norm in norms])
    return f"{names[0].upper()}{names[1:]} norm know no batch, so they do not move."


def moments(mean: float, variance: float) -> str:
    """Mean and deviation of a channel, a line each."""
    return f"{mean:.2f}\n± {variance**0.5:.2f}"

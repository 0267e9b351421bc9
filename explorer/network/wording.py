"""Sentences about the results of `explorer.network`, for the pages of the tabs; of the package only `vote_wording` imports this module."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from explorer.digits import typicality
from explorer.network import activations, weights
from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study import regularisation
from explorer.study.wording.numbers import listed
from train.checkpoint import Checkpoint
from train.data_sets import DIGITS, DataSet
from train.norms import BY_KEY, Norm
from train.study import VOTING_SEEDS, Trial, as_run, studies_of

NOTHING = "No network has been trained yet: run python train/all.py, then start again."


def not_drawn(data_set: DataSet) -> str:
    """Sentence for a picture that is brought to networks of a data set whose images nobody draws."""
    return f"These networks read the images of {data_set.name}: a picture of a digit is none."


def voters(results: Results) -> str:
    """Sentence on the networks that vote; "" where they belong to no study."""
    if not results.voters or not studies_of(results.voters[0].trial):
        return ""
    return (
        f"These {len(results.voters)} networks are the seeds 1 to {VOTING_SEEDS} of each configuration of {results.core.scope} "
        "that learned."
    )


def set_scores(results: Results, digits: int, asked: int) -> str:
    """Sentences on the columns of a set's scores in the terminal, of which the page shows those of `asked` networks."""
    whole = len(results.voters)
    page = f"the {whole} networks that vote in Draw"
    if asked < whole:
        page = f"{asked} networks, one seed of each configuration that votes in Draw, as its page reads a set of this size"
    return (
        f"{digits:,} {'digit' if digits == 1 else 'digits'}.\n"
        f"In Draw: {page}, with weights of half precision as there.\n"
        f"All: the {len(results.finished)} networks of the folder as they were trained; rows of norms leave out collapsed configurations.\n"
        + SET_INTERVAL
    )


BRIGHT_SET = "Most of it is bright: the networks expect bright ink on dark paper."
SET_INTERVAL = "Intervals (95 %) say how far the shares may lie with other digits of the same kind."


def badge(reference: typicality.Reference) -> str:
    """Sentences on the badge's rate of false alarms and the shares of corrupted digits that it notices."""
    caught = ", ".join(
        f"{name} {share:.0%}" for name, share in reference.caught.items()
    )
    return (
        f"The badge calls {reference.false_alarms:.1%} of MNIST's own test digits unlike. Made harder as in Robustness, at the last strength, "
        f"it notices: {caught}."
    )


def unlike(measured: list[typicality.Measured]) -> list[str]:
    """Reasons why a digit is unlike MNIST's; an empty list for a usual one."""
    return [_reason(one.unusual, one.measure) for one in measured if one.unusual]


def reasons() -> list[tuple[str, str]]:
    """Reasons of `unlike` for an unusually small and an unusually large value of every measure; "" where none is unusual."""
    return [
        (_reason(one.less, one) if one.less else "", _reason(one.more, one))
        for one in typicality.MEASURES
    ]


def _reason(text: str, measure: typicality.Measure) -> str:
    return f"{text} {100 - 100 * measure.tail:.1f} % of MNIST's digits"


def penalty(checkpoint: Checkpoint, acted: pd.DataFrame) -> str:
    """Sentence on the effect of a network's penalty, by all seeds of its configuration; `acted` is `regularisation.acted`."""
    trial = checkpoint.trial
    if trial.regulariser == "none":
        return f"{describe(trial)} has no penalty."
    if trial.config not in set(acted.config):
        share = weights.growth(checkpoint).share[-1]
        return f"{describe(trial)}: in the end the penalty is {share:.1f} % of the loss. Whether it acted is tested for published, as-run and grid only."
    row = acted.set_index("config").loc[trial.config]
    share = f"{100 * row.share:.1f} % of its loss"
    if row.flag == regularisation.COLLAPSED:
        return f"{describe(trial)}: the penalty collapsed the network, which reads {row.acc:.0f} % right; in the end it was {share}."
    if np.isnan(row.shrunk):
        return f"{describe(trial)}: the penalty is {share}; {describe(as_run(trial))}, without it, is not trained."
    change = f"the sum of |w| is {100 * row.shrunk:+.1f} % against the same network without it"
    outcome = {
        regularisation.ACTED: "the penalty acted",
        regularisation.NOTHING: "the penalty moved nothing",
    }.get(row.flag, "whether the penalty acted is undecided")
    return f"{describe(trial)}: {outcome}: {change}, {row.seeds} seeds; it is {share}."


EFFECTIVE_RATE = (
    "Each convolution is followed by ReLU and a norm, so the scale of its weights w changes nothing, and its gradient shrinks as 1 / |w|: "
    "a step with learning rate lr turns w as far as one with lr / |w|² would at |w| = 1, the effective learning rate (van Laarhoven 2017, "
    "arXiv 1706.05350; Zhang et al. 2019, arXiv 1810.12281). An L2 penalty keeps |w| small, so each step keeps turning w far. The chart shows lr "
    "divided by the mean |w|² of the six convolutions. Without a norm the scale counts, and the chart is just this ratio."
)


def norm_statistics(trial: Trial, shift: float) -> str:
    """Sentences on the channels that a norm normalises together, and on the distance of a digit's channels from the norm's means."""
    norm = BY_KEY[trial.norm]
    takes = norm.takes.format(
        *(size // norm.groups(size, trial.groups) for size in (8, 16))
    )
    means = (
        f"The means of this digit's channels differ by {shift:.2f} from the means that the norm subtracts"
        if norm.centred
        else f"It subtracts no means: those of this digit's channels are {shift:.2f} in size"
    )
    return f"{norm.key} takes {takes}. {means} (root mean square over all channels)."


def extent(norm: Norm, part: activations.Extent) -> str:
    """Caption of the diagram of a norm: the channels and images whose statistics it shares, and which these are if not mean and deviation."""
    if not part.channels:
        return f"{norm.name}: no statistics"
    channels, images = activations.DRAWN
    channels_text = "all" if part.channels == channels else COUNTS[part.channels]
    return (
        f"{norm.name}: {channels_text} channel{'' if part.channels == 1 else 's'}, "
        f"{'all images' if part.images == images else 'one image'}"
        f"{'' if norm.centred else ', mean square'}{'' if norm.scaled else ', mean'}"
    )


COUNTS = {1: "a", 2: "two", 4: "four"}


def unmoved() -> str:
    """Sentence on the norms that do not depend on the batch."""
    norms = [norm for norm in BY_KEY.values() if norm.of_image]
    names = listed([norm.name.removesuffix(" norm") for norm in norms])
    return f"{names[0].upper()}{names[1:]} norm know no batch, so they do not move."


def moments(mean: float, variance: float) -> str:
    """Mean and standard deviation of a channel."""
    return f"mean {mean:.2f}, deviation {variance**0.5:.2f}"


def reading(probs: np.ndarray, names: Sequence[str] = DIGITS) -> str:
    """Answer of a network with probabilities (10,)."""
    return f"reads {names[int(probs.argmax())]}, {100 * probs.max():.1f} %"

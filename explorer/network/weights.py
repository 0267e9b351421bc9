"""The weights of single networks: how they are spread, how they grew, and what a penalty made of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from explorer.runs.results import Results, describe
from explorer.study import regularisation
from explorer.study.regularisation import ACTED, DESTROYED, NOTHING
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.loop import weight_sums
from train.model import layers
from train.study import as_run

BINS = 41  # of a histogram
SOURCE = (
    "Each convolution is followed by ReLU and a norm, so the scale of its weights w changes nothing, and its gradient shrinks as 1 / |w|: "
    "a step with learning rate lr turns w as far as one with lr / |w|² would at |w| = 1, the effective learning rate (van Laarhoven 2017, "
    "arXiv 1706.05350; Zhang et al. 2019, arXiv 1810.12281). An L2 penalty keeps |w| small, and so the steps large. Drawn is lr over the mean "
    "|w|² of the six convolutions."
)


def histograms(networks: Sequence[Checkpoint]) -> list[dict]:
    """Of every layer: how its weights are spread, on one axis for all networks.

    `layer`, `weights` (their number), `edge` (the bins go from -edge to edge), and per network `counts` (41,), `near_zero` (the
    share in percent of weights below a thousandth of the layer's largest) and `norm`.
    """
    stacks = [
        {
            name: np.concatenate([part.numpy().ravel() for part in parts])
            for name, parts in layers(found.state).items()
        }
        for found in networks
    ]
    sums = [weight_sums(found.state) for found in networks]
    rows = []
    for place, name in enumerate(stacks[0]):
        values = [stack[name] for stack in stacks]
        edge = max(float(np.abs(each).max()) for each in values) or 1.0
        rows.append(
            {
                "layer": words_of(name),
                "weights": len(values[0]),
                "edge": edge,
                "networks": [
                    {
                        "counts": np.histogram(each, BINS, (-edge, edge))[0].tolist(),
                        "near_zero": 100 * some["near_zero"][place] / len(each),
                        "norm": some["square_sums"][place] ** 0.5,
                    }
                    for each, some in zip(values, sums, strict=True)
                ],
            }
        )
    return rows


def words_of(layer: str) -> str:
    """ "blocks.0.conv" -> "conv 1"."""
    if not layer.startswith("blocks."):
        return layer
    _, block, kind, *_ = layer.split(".")
    return f"{kind} {int(block) + 1}"


def growth(found: Checkpoint) -> dict:
    """Per epoch: `share` (percent of the loss that is penalty), `rate` (the effective learning rate), and the `norms` by layer.

    The effective learning rate is lr / |w|^2 with the mean over the convolutions, whose scale the norms take away.
    """
    rows = pd.DataFrame(regularisation.series(found))
    if rows.empty:
        raise UserError("That network diverged in its first epoch: nothing grew.")
    norms = rows.pivot(index="epoch", columns="layer", values="norm")
    convs = norms[[name for name in norms if name.endswith("conv")]]
    each = rows.groupby("epoch")[["lr", "share"]].first()
    return {
        "epochs": norms.index.tolist(),
        "share": (100 * each.share).tolist(),
        "rate": (each.lr / (convs**2).mean(axis=1)).tolist(),
        "norms": {
            words_of(name): norms[name].tolist()
            for name in rows.layer.drop_duplicates()
        },
    }


def verdict(results: Results, found: Checkpoint, acted: pd.DataFrame) -> str:
    """Did the penalty of this network act?, by all seeds of its configuration, in a sentence. `acted` is `regularisation.acted`."""
    trial = found.trial
    if trial.regulariser == "none":
        return f"{describe(trial)} has no penalty."
    if trial.config not in set(acted.config):
        share = growth(found)["share"][-1]
        return f"{describe(trial)}: in the end the penalty is {share:.1f} % of the loss. Whether it acted is tested for published, as-run and grid only."
    row = acted.set_index("config").loc[trial.config]
    share = f"{100 * row.share:.1f} % of its loss"
    if row.flag == DESTROYED:
        return f"{describe(trial)}: the penalty destroyed the network, which reads {row.acc:.0f} % right; in the end it was {share}."
    if np.isnan(row.shrunk):
        return f"{describe(trial)}: the penalty is {share}; {describe(as_run(trial))}, without it, is not trained."
    change = f"the sum of |w| is {100 * row.shrunk:+.1f} % against the same network without it"
    said = {
        ACTED: "the penalty acted",
        NOTHING: "the penalty moved nothing",
    }.get(row.flag, "whether the penalty acted is undecided")
    return f"{describe(trial)}: {said}: {change}, {row.seeds} seeds; it is {share}."

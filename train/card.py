"""Card of a study's repository on the Hub: its README.md, made from the index of the networks."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from huggingface_hub import EvalResult, ModelCardData
from scipy import stats

from train.data_sets import BY_NAME, DataSet
from train.study import STUDIES

CITATION = Path(__file__).parents[1] / "CITATION.cff"
TITLE = "Is the difference real?"
ROUNDED = 0.0001 / math.sqrt(12)  # deviation of rounding to one of 10,000 test images
TEXT = """\
# {title} The networks

{networks} small convolutional networks for {data}, of {configs} configurations of normalisation, L1, L2, batch size and learning rate, each trained with
several seeds. They belong to a study that asks whether such configurations differ by more than their seeds do.

{left_out}No seed and no epoch was selected: a figure is the mean test accuracy after the last epoch, over all seeds of its configuration. Its 95 % interval is
Student's over seeds, and says where the mean of many seeds lies. Intervals of two configurations are no test of their difference. `best_acc` in
`{index}` is the maximum over epochs: it was selected on the test set, and is higher than what new images would get.

| configuration | studies | seeds | test accuracy in % | 95 % interval |
|---|---|---:|---:|---:|
{rows}

## Files

`{index}` has a row for each network: every hyperparameter, data set, test set, format, engine, figures, and the path, size and SHA-256 of its file.
A file is named `<configuration>/<configuration>_seed=<seed>.safetensors`; its tensors are a state dict of PyTorch, its header has the history of the
training and the classes read in the 10,000 test images.

    from huggingface_hub import hf_hub_download
    from safetensors.torch import load_file
    weights = load_file(hf_hub_download("{repo}", "{path}"))

`CHECKPOINTS=hf://{repo} python app.py` opens the study's explorer on these networks; `CITATION.cff` says how to cite them.
"""


def write(rows: Sequence[dict], repo: str, index: str) -> str:
    """Text of the card for the rows of the index; figures of networks that diverged are left out."""
    groups: dict[str, list[dict]] = {}
    for row in rows:
        groups.setdefault(row["config"], []).append(row)
    finished = {
        config: [row for row in group if row["diverged"] is None]
        for config, group in sorted(groups.items())
    }
    data_set = BY_NAME[rows[0]["data_set"]]
    diverged = len(rows) - sum(map(len, finished.values()))
    names = "that diverged are" if diverged > 1 else "that diverged is"
    text = TEXT.format(
        title=TITLE,
        data=data_set.name,
        networks=f"{len(rows):,}",
        configs=len(groups),
        left_out=f"{diverged} {names} left out of the figures. " if diverged else "",
        index=index,
        rows="\n".join(_line(config, group) for config, group in finished.items()),
        repo=repo,
        path=rows[0]["path"],
    )
    results = [
        _result(config, group, data_set) for config, group in finished.items() if group
    ]
    data = ModelCardData(
        model_name=repo.partition("/")[2],
        license="mit",
        datasets=[data_set.hub] if data_set.hub else None,
        metrics=["accuracy"],
        pipeline_tag="image-classification",
        tags=[
            data_set.name.lower().replace(" ", "-"),
            "batch-normalization",
            "group-normalization",
            "layer-normalization",
            "reproducibility",
        ],  # fmt: skip
        eval_results=results or None,
    )
    return f"---\n{data.to_yaml()}\n---\n{text}"


def _result(config: str, rows: list[dict], data_set: DataSet) -> EvalResult:
    """Entry of the model index: a number; the table of the text has its interval."""
    seeds = f"{len(rows)} seeds" if len(rows) > 1 else "1 seed"
    return EvalResult(
        task_type="image-classification",
        dataset_type=data_set.hub or data_set.key,
        dataset_name=data_set.name,
        dataset_split="test",
        metric_type="accuracy",
        metric_name=f"{config}: mean of {seeds} after the last epoch, none selected",
        metric_value=round(float(np.mean([row["last_acc"] for row in rows])), 6),
    )


def _line(config: str, rows: list[dict]) -> str:
    """Row of the table: a configuration, its studies, the seeds that did not diverge, their mean, and its interval."""
    names = [
        study.name
        for study in STUDIES.values()
        if any(trial.config == config for trial in study.trials)
    ]
    study = ", ".join(names) or "none"
    if not rows:
        return f"| `{config}` | {study} | 0 | - | - |"
    accuracies = np.array([row["last_acc"] for row in rows])
    low, high = interval(accuracies)
    shown = "-" if math.isnan(low) else f"{100 * low:.3f} to {100 * high:.3f}"
    return f"| `{config}` | {study} | {len(rows)} | {100 * accuracies.mean():.3f} | {shown} |"


def interval(accuracies: np.ndarray) -> tuple[float, float]:
    """Student's 95 % interval of the mean over seeds, as docs/protocol.md prescribes; NaN for a single seed."""
    if len(accuracies) < 2:
        return math.nan, math.nan
    deviation = max(np.std(accuracies, ddof=1), ROUNDED)
    half = stats.t.ppf(0.975, len(accuracies) - 1) * deviation / len(accuracies) ** 0.5
    return float(accuracies.mean() - half), float(accuracies.mean() + half)

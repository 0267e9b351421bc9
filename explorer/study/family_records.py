"""JSON of families of contrasts: the factors of the grid with their simple effects, and the studies beyond the grid."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from explorer.runs.results import Results
from explorer.study import further, variance, wording
from explorer.study.factorial import FACTORS, LEVELS, level_name
from explorer.study.families import Family, Judged
from explorer.study.grid_families import Grid, grid
from train.study import LEARNING_RATE, SMALL_BATCH, Trial


def contrast(one: Judged) -> dict:
    """A contrast of accuracies, first minus second, in points; `corrected` is its interval at the level of its family."""
    return {
        "first": one.contrast.first,
        "second": one.contrast.second,
        "setting": one.contrast.setting,
        "estimate": one.gap.estimate,
        **asdict(one.gap.interval),
        "corrected": asdict(one.judgement.interval),
        "margin": one.gap.margin,
        "p": one.judgement.p,
        "outcome": one.outcome,
        "seeds": [*one.gap.seeds],
    }


def contrasts(judged: Grid) -> list[dict]:
    """Contrasts of the primary family: `factor`, and where it interacts the `simple` effects of the same levels."""
    return [
        contrast(one)
        | {"factor": factor, "simple": {by: list(map(contrast, some)) for by, some in simple.items()}}
        for factor, one, simple in _with_simple(judged)
    ]  # fmt: skip


def factors(results: Results) -> list[dict]:
    """Cards of the factors of the grid: every pair of levels, a sentence, and simple effects where the factor interacts."""
    judged = grid(results)
    by_factor: dict[str, list[dict]] = {factor: [] for factor in FACTORS}
    for factor, one, simple in _with_simple(judged):
        says = [wording.families.pair(one)]
        says += [wording.families.depends(by, some) for by, some in simple.items()]
        rows = [row for some in simple.values() for row in map(_row, some)]
        over = {
            "label": "all settings",
            **contrast(one),
        }
        by_factor[factor].append(
            {
                "title": one.contrast.label,
                "says": " ".join(says),
                "rows": [over, *rows],
            }
        )
    return [
        {"key": factor.replace(" ", "-"), "title": factor.capitalize(), "cards": cards}
        for factor, cards in by_factor.items()
        if cards
    ]


def _with_simple(
    judged: Grid,
) -> Iterable[tuple[str, Judged, dict[str, list[Judged]]]]:
    """Contrasts of the primary family with their factor, and by other factor that it interacts with the same pair at each level."""
    factor_of = {
        level_name(level): factor
        for factor, levels in zip(FACTORS, LEVELS, strict=True)
        for level in levels
    }
    for one in judged.primary.judged:
        factor, pair = (
            factor_of[one.contrast.first],
            (one.contrast.first, one.contrast.second),
        )
        yield (
            factor,
            one,
            {
                by: [
                    at
                    for at in family.judged
                    if (at.contrast.first, at.contrast.second) == pair
                ]
                for (interacting, by), family in judged.simple.items()
                if interacting == factor
            },
        )


def _row(one: Judged) -> dict:
    return {"label": one.contrast.setting} | contrast(one)


@dataclass(frozen=True)
class _Plan:
    """Study beyond the grid: its title, families by name, and the trials of its charts."""

    key: str
    title: str
    families: Sequence[str]  # keys of `further.families`
    charts: tuple[tuple[str, list[Trial]], ...] = ()
    axis: str = ""  # "batch_size" or "lr"


def _plain(*sizes: int) -> list[Trial]:
    return [Trial(norm, 0.0, 0.0, size) for size in sizes for norm in further.NORMS]


PLANS = (
    _Plan(
        "small-batch",
        "Small batches",
        ("norms at small batches", "small batches with batch 16"),
        (("batch size", [*SMALL_BATCH, *_plain(16, 32, 64, 128)]),),
        "batch_size",
    ),
    _Plan("dose", "The dose of L1", ("doses of L1",)),
    _Plan(
        "learning-rate",
        "Learning rates",
        ("norms at other learning rates",),
        tuple(
            (
                f"learning rate, batch {size}",
                [*_plain(size), *(t for t in LEARNING_RATE if t.batch_size == size)],
            )
            for size in (16, 128)
        ),
        "lr",
    ),
    _Plan("control", "What norms are for", ("norms with no norm",)),
)


def studies(results: Results) -> list[dict]:
    """Cards of the penalties and of the studies beyond the grid: a sentence, curves by norm, and families of contrasts; without runs no card."""
    sentences = {one.key: one.text for one in wording.finding.beyond(results)}
    return _penalties(grid(results)) + [
        {
            "key": plan.key,
            "title": plan.title,
            "sentence": sentences[plan.key],
            "charts": [
                _chart(results, title, trials, plan.axis)
                for title, trials in plan.charts
            ],
            "families": [
                _family(name, further.judge(results, name)) for name in plan.families
            ],
        }
        for plan in PLANS
        if plan.key in sentences
    ]


def _penalties(judged: Grid) -> list[dict]:
    """Card of the cost of L1 and of L2 at each batch size of the grid."""
    if not (judged.l1.judged and judged.l2.judged):
        return []
    return [
        {
            "key": "penalties",
            "title": "L1 and L2 at each batch size",
            "sentence": wording.finding.costs(judged),
            "charts": [],
            "families": [
                _family("L1, over the norms and L2", judged.l1),
                _family("L2, over the norms and L1", judged.l2),
            ],
        }
    ]


def _family(name: str, family: Family) -> dict:
    return {
        "title": f"{name[0].upper()}{name[1:]}: {wording.families.counted(family)}",
        "rows": [{"label": one.contrast.label} | contrast(one) for one in family.judged],
    }  # fmt: skip


def _chart(results: Results, title: str, trials: list[Trial], axis: str) -> dict:
    """Mean accuracies in percent by norm over the values of an axis, with the interval of the mean; without configurations of a single run."""
    samples = variance.accuracies(results)
    known = [t for t in trials if len(samples.values.get(t.config, ())) > 1]
    known.sort(key=lambda trial: getattr(trial, axis))
    return {
        "title": title,
        "values": sorted({getattr(trial, axis) for trial in known}),
        "lines": [
            {
                "name": norm,
                "values": [getattr(trial, axis) for trial in of_norm],
                "means": [samples.sample(trial.config).mean for trial in of_norm],
                "intervals": [
                    asdict(samples.sample(trial.config).interval) for trial in of_norm
                ],
            }
            for norm in further.NORMS
            if (of_norm := [trial for trial in known if trial.norm == norm])
        ],
    }

"""Sentences about the published table beside ours: the best configurations, the published values, and how much of the study is trained."""

from collections import Counter
from collections.abc import Sequence

from explorer.runs.descriptions import describe
from explorer.study.published_table import Best, Coverage, Line, PublishedLine
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from explorer.study.wording.numbers import listed
from train.study import ROWS

FEW = "Too few seeds are trained to name a best configuration."


def best(all_lines: Best | None, published: Best | None) -> list[str]:
    """Sentence on the best of all configurations, and one on the best of the published rows as labelled."""
    sentences = []
    if all_lines:
        sentences.append(
            f"{describe(all_lines.line.trial)} has the best mean of all {all_lines.configurations} configurations, {_lead(all_lines)}"
        )
    if published and (row := published.line.row):
        sentences.append(
            f"Of the published rows as labelled, row {row.number} ({describe(row.trial)}) has the best mean, {_lead(published)}"
        )
    return sentences or [FEW]


def _lead(best: Best) -> str:
    """Mean of the best configuration, and the outcomes of its comparisons with the others."""
    runs, count = best.line.labelled, Counter(best.outcomes)
    return (
        f"{runs.mean:.2f} % ± {runs.interval.half_width:.2f} over {len(runs.last)} seeds. Of {len(best.outcomes)} others, "
        f"{count[DIFFERENT] or 'none'} {_are(count[DIFFERENT])} shown to be behind it, {count[EQUIVALENT] or 'none'} to be equivalent, and "
        f"{count[UNDECIDED] or 'none'} {_are(count[UNDECIDED])} too close to call."
    )


def _are(count: int) -> str:
    return "is" if count < 2 else "are"


def state(line: Line) -> str:
    """Reason why a line has no mean on the axis, or what is missing from its mean; "" where nothing is."""
    runs = line.labelled
    if runs.is_collapsed:
        return "collapsed"
    if runs.diverged:
        return f"{runs.diverged} diverged" if len(runs.last) else "diverged"
    return "" if len(runs.last) else "not trained"


def predictions(lines: Sequence[PublishedLine]) -> str:
    """Numbers of published values that lie in the prediction intervals of one further run, as run and as labelled."""
    parts = [
        part
        for runs_of, penalties in (
            (lambda line: line.run, "without penalties"),
            (lambda line: line.labelled, "with the penalties of their rows"),
        )
        if (part := _predicted(lines, runs_of, penalties))
    ]
    if not parts:
        return "Too few seeds are trained to predict a run."
    return f"{' '.join(parts)} By chance 1 in 20 is outside."


def _predicted(lines: Sequence[PublishedLine], runs_of, penalties: str) -> str:
    """Sentence on one arm; "" where no row has two seeds."""
    inside = {line: runs_of(line).predicts(line.published) for line in lines}
    known = [line for line, is_inside in inside.items() if is_inside is not None]
    outside = [str(line.row.number) for line in known if not inside[line]]
    if not known:
        return ""
    sentence = f"{len(known) - len(outside)} of {len(known)} published values are what runs {penalties} predict"
    if outside:
        rows = f"row{'s' if outside[1:] else ''} {listed(outside)}"
        sentence += f" ({rows} {'are' if outside[1:] else 'is'} not)"
    return f"{sentence}."


def coverage(counts: Coverage) -> str:
    """Sentences on how much of the study is trained."""
    sentences = [
        f"{counts.networks} trials of {counts.configurations} configurations are trained.",
    ]
    if counts.rows is not None:
        sentences.append(
            f"They cover {counts.rows} of the {len(ROWS)} published rows as labelled."
        )
    if counts.diverged:
        sentences.append(f"{counts.diverged} diverged and stand in no mean.")
    if counts.silent:
        sentences.append(
            f"{sum(counts.silent)} networks of {len(counts.silent)} configuration{'s' if counts.silent[1:] else ''} learned nothing and have no vote."
        )
    if counts.further:
        sentences.append(
            f"{counts.further} have seeds beyond those of their study and stand in no number here."
        )
    if not counts.networks:
        sentences.append("`python train/all.py` trains them.")
    return " ".join(sentences)

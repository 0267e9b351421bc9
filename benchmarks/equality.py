"""Do networks of the fast engine end where the reference's end? Trains rows 1 and 11 with both and tests equivalence.

    python benchmarks/equality.py FOLDER [SEEDS]

Twelve epochs, the decay begun after the sixth. Finished trials in FOLDER are kept, so it resumes. Prints every run and,
per row, two one-sided t tests (TOST) of the mean accuracy after the last epoch within 0.1 points.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from train import data, engines, sweep
from train.all import cores
from train.study import ROWS, with_seeds

MARGIN = 0.1  # points
ENGINES = ("reference", "cpu")


def main(folder: Path, seeds: int):
    mnist = data.load()
    trials = [
        replace(ROWS[number - 1].trial, epochs=12, lr_decay_after=6)
        for number in (1, 11)
    ]
    done = {}
    for name in ENGINES:
        device, _ = engines.prepare(name)
        out = folder / name
        out.mkdir(parents=True, exist_ok=True)
        found, missing, _ = sweep.find(with_seeds(trials, seeds), out)
        for event in sweep.sweep(missing, mnist, out, device, cores()):
            if event.finished:
                found[event.trial] = event.finished
                print(f"trained {event.trial.name} with {name}", file=sys.stderr)
        done[name] = found
    print("| row | seed | reference, % | engine, % |")
    print("|---|---|---|---|")
    results = {}
    for trial in trials:
        for seed in range(1, seeds + 1):
            accuracies = [
                accuracy(done[name][replace(trial, seed=seed)]) for name in ENGINES
            ]
            results.setdefault(trial, []).append(accuracies)
            print(
                f"| {trial.config} | {seed} | {accuracies[0]:.2f} | {accuracies[1]:.2f} |"
            )
    print()
    for trial, accuracies in results.items():
        print(f"{trial.config}: {verdict(*np.transpose(accuracies))}")


def accuracy(found) -> float:
    return 100 * found.summary["last"]["test_acc"]


def verdict(reference: np.ndarray, engine: np.ndarray) -> str:
    difference = engine.mean() - reference.mean()
    below = stats.ttest_ind(
        engine + MARGIN, reference, equal_var=False, alternative="greater"
    )
    above = stats.ttest_ind(
        engine - MARGIN, reference, equal_var=False, alternative="less"
    )
    p = max(below.pvalue, above.pvalue)
    words = "equivalent" if p < 0.05 else "not shown to be equivalent"
    return (
        f"reference {reference.mean():.3f} (sd {reference.std(ddof=1):.3f}), "
        f"engine {engine.mean():.3f} (sd {engine.std(ddof=1):.3f}), difference {difference:+.3f} points; "
        f"{words} within {MARGIN} points (TOST p = {p:.4f}, n = {len(engine)} each)"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)

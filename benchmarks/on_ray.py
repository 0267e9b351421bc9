"""Benchmark of Ray against local processes: the same sweeps in turn on the cores of this machine, and the start of Ray apart.

ray start --head --num-cpus=2, then python -m benchmarks.on_ray ADDRESS [ROUNDS]
"""

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from train import data
from train.on_ray import Cluster
from train.study import Trial
from train.sweep import Local, Place

TRIAL = Trial("GN", 0.0, 0.0, 128, epochs=2)
TRIALS = [replace(TRIAL, seed=seed) for seed in range(1, 9)]


def swept(place: Place, device: str) -> float:
    """Seconds of a sweep of all trials."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        events = list(place.sweep(TRIALS, Path(folder), device))
        seconds = time.perf_counter() - start
        assert len(list(Path(folder).iterdir())) == len(TRIALS), events
    return seconds


def main(address: str, rounds: int):
    mnist = data.load()
    start = time.perf_counter()
    cluster = Cluster(mnist, address)
    device, _ = cluster.prepare("cpu")
    print(f"start of Ray: {time.perf_counter() - start:.1f} s")
    places = {
        "local processes": Local(mnist, cluster.workers(device)),
        "Ray": cluster,
    }
    places["local processes"].prepare("cpu")
    print(f"\n| {len(TRIALS)} trials of {TRIAL.epochs} epochs, {cluster.workers(device)} at once | s, by round | median |")  # fmt: skip
    print("|---|---|---|", flush=True)
    seconds = {name: [] for name in places}
    for number in range(rounds):
        order = list(places) if number % 2 else list(places)[::-1]
        for name in order:
            seconds[name].append(swept(places[name], device))
    for name, times in seconds.items():
        shown = ", ".join(f"{one:.1f}" for one in times)
        print(f"| {name} | {shown} | {statistics.median(times):.1f} |")
    pairs = zip(seconds["Ray"], seconds["local processes"], strict=True)
    ratio = statistics.median(ray / local for ray, local in pairs)
    print(f"\nmedian ratio of the rounds: {ratio:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 3)

"""Benchmark of training on a ladder of implementations, from the usual PyTorch code to the kernels. Run with `make bench`.

Medians on one core with one thread; all rungs take turns in one process, so that noise of the machine affects all of
them. Prints tables in Markdown and draws docs/ladder.png.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from explorer.charts.palette import HUES
from train import data, engines, loop, sweep
from train.cpu import engine
from train.evaluate import evaluate
from train.model import Network
from train.study import STUDIES, Trial

ROUNDS = 7
IMAGES = {16: 512, 128: 1024}  # in a round, by batch size
MEGAFLOP = 6.32  # per image in a step, forward and backward
CASES = [Trial(norm, 0.0, 0.0, size) for norm in ("BN", "GN") for size in (16, 128)]
AUGMENT = transforms.RandomRotation((-7, 7), fill=(1,))
PREPARE = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((data.MEAN,), (data.STD,))]
)


class Rung:
    """Plain PyTorch with `nn.Dropout`; subclasses differ in how batches are loaded."""

    def __init__(self, trial: Trial, mnist: data.Mnist):
        self.trial, self.digits = trial, mnist.train.first(trial.train_images)
        self.network = Network(trial)
        for block in self.network.blocks:
            block.dropout = torch.nn.Dropout(trial.dropout)
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), trial.lr, trial.momentum
        )

    def train_epoch(self):
        self.network.train()
        for images, labels in self.batches():
            loop.train_step(self.network, self.optimiser, images, labels, 0.0)


class UsualLoop(Rung):
    """(a) DataLoader, PIL, ToTensor, Normalize, and `.item()` after every step."""

    class Digits(Dataset):
        def __init__(self, split):
            self.split = split

        def __len__(self):
            return len(self.split.labels)

        def __getitem__(self, index):
            image = Image.fromarray(self.split.images[index].numpy())
            return PREPARE(AUGMENT(image)), int(self.split.labels[index])

    def train_epoch(self):
        self.network.train()
        correct = 0
        loader = DataLoader(
            self.Digits(self.digits), self.trial.batch_size, shuffle=True
        )
        for images, labels in loader:
            self.optimiser.zero_grad()
            log_probs = self.network(images)
            loss = F.nll_loss(log_probs, labels)
            loss.backward()
            self.optimiser.step()
            loss.item()
            correct += (log_probs.argmax(1) == labels).sum().item()


class InMemory(Rung):
    """(b) Tensors in memory without DataLoader; PIL still rotates every image."""

    def batches(self):
        for index in torch.randperm(len(self.digits.labels)).split(
            self.trial.batch_size
        ):
            images = [
                AUGMENT(Image.fromarray(image.numpy()))
                for image in self.digits.images[index]
            ]
            yield (
                torch.stack([PREPARE(image) for image in images]),
                self.digits.labels[index],
            )


class FastRotation(Rung):
    """(c) Rotation of whole batches in fixed point."""

    def batches(self):
        return loop.epoch_batches(self.digits, self.trial, loop.Streams.of(1, "cpu"))


class Learner:
    """(d), (e) A `loop.Learner`."""

    def __init__(self, kind, trial: Trial, mnist: data.Mnist):
        self.learner = kind(trial, mnist)

    def train_epoch(self):
        list(self.learner.train_epoch(0.01))


RUNGS = {
    "(a) DataLoader, PIL": UsualLoop,
    "(b) data in memory": InMemory,
    "(c) fast rotation": FastRotation,
    "(d) reference loop": lambda trial, mnist: Learner(loop.Reference, trial, mnist),
    "(e) kernels": lambda trial, mnist: Learner(engine.Kernels, trial, mnist),
}


def main():
    torch.set_num_threads(1)
    mnist = data.load()
    print(f"Compiled or read the kernels in {engine.compile_kernels():.1f} s.\n")
    sgemm = sgemm_rate()
    rates = {case: rungs(case, mnist) for case in CASES}
    tests = test_seconds(mnist)
    memory = {rung: peak_memory(rung) for rung in RUNGS}
    ladder(rates, tests, memory, sgemm)
    projections(rates, tests)
    draw(rates)
    growth(mnist)
    watched(mnist)
    if torch.cuda.is_available():
        stacking(mnist)
    else:
        print(
            "No CUDA device: how the time grows with the networks stacked on a GPU was not measured."
        )


def rungs(case: Trial, mnist: data.Mnist) -> dict[str, float]:
    """Median images per second by rung, over rounds in which all rungs take turns."""
    images = IMAGES[case.batch_size]
    trial = replace(case, train_images=images)
    instances = {name: rung(trial, mnist) for name, rung in RUNGS.items()}
    times = {name: [] for name in RUNGS}
    for turn in range(ROUNDS + 1):
        for name, rung in instances.items():
            repeats = 4 if name.startswith("(e)") else 1  # for similar durations
            start = time.perf_counter()
            for _ in range(repeats):
                rung.train_epoch()
            if turn:  # the first warms up
                times[name].append((time.perf_counter() - start) / repeats)
    return {
        name: images / statistics.median(seconds) for name, seconds in times.items()
    }


def sgemm_rate() -> float:
    """Rate of a float32 matrix product on this core in GFLOP/s."""
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        torch.mm(a, b)
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / statistics.median(times) / 1e9


def test_seconds(mnist: data.Mnist) -> dict[tuple[str, bool], float]:
    """Seconds of an evaluation on 10,000 images, by norm and whether it is by the kernels."""
    seconds = {}
    few = mnist.test.first(2000)
    for norm in ("BN", "GN"):
        trial = replace(CASES[0], norm=norm, train_images=64)
        network, kernels = Network(trial), engine.Kernels(trial, mnist)
        tests = (False, partial(evaluate, network)), (True, kernels.evaluate)
        for fast, test in tests:
            times = []
            for _ in range(5):
                start = time.perf_counter()
                test(few)
                times.append(time.perf_counter() - start)
            seconds[norm, fast] = 5 * statistics.median(times)
    return seconds


def peak_memory(rung: str) -> float:
    """Peak memory in MiB of a process that trains BN at batch 128 on a rung, libraries and digits included."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_peak_memory, (rung,))


def _peak_memory(rung: str) -> float:
    torch.set_num_threads(1)
    RUNGS[rung](replace(CASES[1], train_images=512), data.load()).train_epoch()
    # Linux only; getrusage includes the parent's memory.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def epoch_seconds(trial: Trial, rung: str, rates, tests) -> float:
    """Seconds of one epoch with its test; a norm or batch size without a measurement takes the nearest measured one."""
    norm = "BN" if trial.norm == "BN" else "GN"
    case = next(
        c
        for c in CASES
        if c.norm == norm and c.batch_size == (16 if trial.batch_size <= 32 else 128)
    )
    return 60_000 / rates[case][rung] + tests[norm, rung.startswith("(e)")]


def ladder(rates, tests, memory, sgemm: float):
    print(
        f"One core, sgemm {sgemm:.0f} GFLOP/s, PyTorch {torch.__version__}; medians of {ROUNDS} rounds.\n"
    )
    print(
        "| network | rung | images/s | s per trial-epoch | times (a) | times (d) | share of sgemm | peak MiB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for case, by_rung in rates.items():
        for rung, rate in by_rung.items():
            seconds = epoch_seconds(case, rung, rates, tests)
            ratios = [
                rate / by_rung[other]
                for other in ("(a) DataLoader, PIL", "(d) reference loop")
            ]
            share = rate * MEGAFLOP / 1000 / sgemm
            print(
                f"| {case.norm} at {case.batch_size} | {rung} | {rate:,.0f} | {seconds:.1f} | {ratios[0]:.1f} "
                f"| {ratios[1]:.1f} | {share:.0%} | {memory[rung]:.0f} |"
            )
    print()


def projections(rates, tests):
    print("| study, one seed, two cores | " + " | ".join(RUNGS) + " |")
    print("|---|" + "---|" * len(RUNGS))
    for name, study in STUDIES.items():
        hours = [
            sum(
                trial.epochs * epoch_seconds(trial, rung, rates, tests)
                for trial in study.trials
            )
            / 2
            / 3600
            for rung in RUNGS
        ]
        cells = [f"{h:.1f} h" if h >= 1 else f"{60 * h:.0f} min" for h in hours]
        print(f"| {name}, {len(study.trials)} trials | " + " | ".join(cells) + " |")
    print()


def draw(rates):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.2), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    grey = "#808080"  # readable on white and on black
    names = list(RUNGS)
    for index, (case, by_rung) in enumerate(rates.items()):
        heights = [row + 0.2 * (index - 1.5) for row in range(len(names))]
        bars = axes.barh(
            heights,
            list(by_rung.values()),
            0.18,
            color=HUES[case.norm],
            hatch="//" if case.batch_size == 16 else None,
            edgecolor="white",
            label=f"{case.norm} at batch {case.batch_size}",
        )
        axes.bar_label(
            bars,
            [f"{rate:,.0f}" for rate in by_rung.values()],
            padding=3,
            size=7,
            color=grey,
        )
    axes.set_xscale("log")
    axes.set_xlim(100, 1.6 * max(max(by_rung.values()) for by_rung in rates.values()))
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(
        "images a second on one core, a training step with augmentation", color=grey
    )
    axes.tick_params(colors=grey)
    axes.legend(frameon=False, labelcolor=grey, fontsize=8, loc="upper right")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(grey)
    figure.savefig(ROOT / "docs" / "ladder.png", dpi=150)


def growth(mnist: data.Mnist):
    """Prints the time of a sweep by its number of trials."""
    workers = 2
    trial = replace(CASES[3], epochs=1)
    print(f"| trials of one epoch, {workers} processes | s | s per trial |")
    print("|---|---|---|")
    for count in (1, 2, 4, 8, 16):
        trials = [replace(trial, seed=seed) for seed in range(1, count + 1)]
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            events = list(sweep.sweep(trials, mnist, folder, "cpu", workers))
            seconds = time.perf_counter() - start
        assert sum(event.finished is not None for event in events) == count
        print(f"| {count} | {seconds:.1f} | {seconds / count:.1f} |", flush=True)
    print()


def watched(mnist: data.Mnist):
    """Prints the seconds of an epoch with its test by device, for a visitor's single network."""
    devices = ["cpu"] + ["cuda"] * torch.cuda.is_available()
    seconds = {
        (case, device): statistics.median(epochs(case, device, mnist)[1:])
        for case in CASES
        for device in devices
    }
    gpu = torch.cuda.get_device_name() if len(devices) > 1 else "GPU"
    print(f"| one network, s an epoch with its test | CPU, one core | {gpu} |")
    print("|---|---|---|")
    for case in CASES:
        cells = [f"{seconds[case, device]:.2f}" for device in devices]
        cells += ["not measured: none at hand"] * (2 - len(cells))
        print(f"| {case.norm} at {case.batch_size} | {' | '.join(cells)} |", flush=True)
    print()


def epochs(case: Trial, device: str, mnist: data.Mnist) -> list[float]:
    """Seconds of four epochs; the first is warm-up."""
    trial = replace(case, epochs=4)
    training = loop.run(trial, mnist, engines.learner(trial, mnist, device))
    return [loop.advance(training)["seconds"] for _ in range(trial.epochs)]


def stacking(mnist: data.Mnist):
    """Prints the rate of a GPU by the number of stacked networks, and for the published rows with 20 seeds."""
    from train.cuda.autotune import tuned

    print(
        f"On {torch.cuda.get_device_name()}:\n\n| networks | batch | route | trial-epochs/s, test included |"
    )
    print("|---|---|---|---|")
    for case in CASES[2:]:
        for count in (1, 2, 5, 10, 20, 40):
            group = tuple(replace(case, seed=seed) for seed in range(1, count + 1))
            stacked = tuned(group, mnist, "cuda")
            list(stacked.train_epoch())  # captures the graph
            seconds = epoch_time(stacked, mnist)
            print(
                f"| {count} | {case.batch_size} | {stacked.networks.route} | {count / seconds:.1f} |",
                flush=True,
            )
    trials = [
        replace(trial, seed=seed)
        for trial in STUDIES["published"].trials
        for seed in range(1, 21)
    ]
    total = 0.0
    for group in engines.share_out(trials, "cuda"):
        stacked = tuned(group, mnist, "cuda")
        list(stacked.train_epoch())
        total += epoch_time(stacked, mnist)
    print(
        f"\nThe published rows with 20 seeds: {len(trials) / total:.1f} trial-epochs a second."
    )


def epoch_time(stacked, mnist: data.Mnist) -> float:
    torch.cuda.synchronize()
    start = time.perf_counter()
    list(stacked.train_epoch())
    stacked.networks.evaluate(mnist.test)
    torch.cuda.synchronize()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

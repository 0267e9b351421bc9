"""The ladder: how fast a trial trains, from the way everyone writes it to the kernels. Run with `make bench`.

One core, one thread, all rungs in turn in one process, so that a busy neighbour meets all of them; medians. Prints
tables in Markdown and draws docs/ladder.png.
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

from train import data, engines, loop, sweep
from train.cpu import engine
from train.evaluate import evaluate
from train.model import Network
from train.norms import BY_KEY
from train.study import STUDIES, Trial

ROUNDS = 7
IMAGES = {16: 512, 128: 1024}  # of a round, by batch size
MEGAFLOP = 6.32  # of a step, per image: forward and backward
CASES = [Trial(norm, 0.0, 0.0, size) for norm in ("BN", "GN") for size in (16, 128)]
AUGMENT = transforms.RandomRotation((-7, 7), fill=(1,))
PREPARE = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((data.MEAN,), (data.STD,))]
)


class Rung:
    """Plain PyTorch with `nn.Dropout`; the rungs differ in where a batch comes from."""

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


class Everyone(Rung):
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
    """(b) Tensors in memory, no DataLoader; still every image through PIL."""

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
    """(c) The rotation in fixed point, a batch at a time."""

    def batches(self):
        return loop.epoch_batches(self.digits, self.trial, loop.Streams.of(1, "cpu"))


class Learner:
    """(d), (e) A `loop.Learner` as it trains."""

    def __init__(self, kind, trial: Trial, mnist: data.Mnist):
        self.learner = kind(trial, mnist)

    def train_epoch(self):
        list(self.learner.train_epoch(0.01))


RUNGS = {
    "(a) DataLoader, PIL": Everyone,
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
    """Images per second of each rung, the median of rounds in which all take turns."""
    images = IMAGES[case.batch_size]
    trial = replace(case, train_images=images)
    made = {name: rung(trial, mnist) for name, rung in RUNGS.items()}
    times = {name: [] for name in RUNGS}
    for turn in range(ROUNDS + 1):
        for name, rung in made.items():
            repeats = 4 if name.startswith("(e)") else 1  # as long as the others, about
            start = time.perf_counter()
            for _ in range(repeats):
                rung.train_epoch()
            if turn:  # the first warms up
                times[name].append((time.perf_counter() - start) / repeats)
    return {
        name: images / statistics.median(seconds) for name, seconds in times.items()
    }


def sgemm_rate() -> float:
    """GFLOP/s of a float32 matrix product on this core."""
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        torch.mm(a, b)
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / statistics.median(times) / 1e9


def test_seconds(mnist: data.Mnist) -> dict[tuple[str, bool], float]:
    """Seconds of a test on 10,000 images, by norm and whether the kernels do it."""
    found = {}
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
            found[norm, fast] = 5 * statistics.median(times)
    return found


def peak_memory(rung: str) -> float:
    """MiB of a process that trains BN at batch 128 with it, libraries and digits included."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_peak_memory, (rung,))


def _peak_memory(rung: str) -> float:
    torch.set_num_threads(1)
    RUNGS[rung](replace(CASES[1], train_images=512), data.load()).train_epoch()
    # Linux; getrusage would count the parent's memory too.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def epoch_seconds(trial: Trial, rung: str, rates, tests) -> float:
    """Training and test of one epoch; norms and batch sizes that were not measured count as the nearest that was."""
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
    for case, found in rates.items():
        for rung, rate in found.items():
            seconds = epoch_seconds(case, rung, rates, tests)
            ratios = [
                rate / found[other]
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
        cells = [
            f"{each:.1f} h" if each >= 1 else f"{60 * each:.0f} min" for each in hours
        ]
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
    for place, (case, found) in enumerate(rates.items()):
        heights = [row + 0.2 * (place - 1.5) for row in range(len(names))]
        bars = axes.barh(
            heights,
            list(found.values()),
            0.18,
            color=BY_KEY[case.norm].hue,
            hatch="//" if case.batch_size == 16 else None,
            edgecolor="white",
            label=f"{case.norm} at batch {case.batch_size}",
        )
        axes.bar_label(
            bars,
            [f"{rate:,.0f}" for rate in found.values()],
            padding=3,
            size=7,
            color=grey,
        )
    axes.set_xscale("log")
    axes.set_xlim(100, 1.6 * max(max(found.values()) for found in rates.values()))
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
    """How the time of a sweep grows with its trials."""
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
    """Seconds of an epoch of one network with its test, as a visitor who retrains one sees it, on each device."""
    devices = ["cpu"] + ["cuda"] * torch.cuda.is_available()
    found = {
        (case, device): statistics.median(epochs(case, device, mnist)[1:])
        for case in CASES
        for device in devices
    }
    gpu = torch.cuda.get_device_name() if len(devices) > 1 else "GPU"
    print(f"| one network, s an epoch with its test | CPU, one core | {gpu} |")
    print("|---|---|---|")
    for case in CASES:
        cells = [f"{found[case, device]:.2f}" for device in devices]
        cells += ["not measured: none at hand"] * (2 - len(cells))
        print(f"| {case.norm} at {case.batch_size} | {' | '.join(cells)} |", flush=True)
    print()


def epochs(case: Trial, device: str, mnist: data.Mnist) -> list[float]:
    """The seconds of each of four epochs; the first warms up."""
    trial = replace(case, epochs=4)
    training = loop.run(trial, mnist, engines.learner(trial, mnist, device))
    return [loop.advance(training)["seconds"] for _ in range(trial.epochs)]


def stacking(mnist: data.Mnist):
    """How fast a GPU trains as more networks are stacked, and a mix of the published rows with 20 seeds."""
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
            seconds = timed_epoch(stacked, mnist)
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
        total += timed_epoch(stacked, mnist)
    print(
        f"\nThe published rows with 20 seeds: {len(trials) / total:.1f} trial-epochs a second."
    )


def timed_epoch(stacked, mnist: data.Mnist) -> float:
    torch.cuda.synchronize()
    start = time.perf_counter()
    list(stacked.train_epoch())
    stacked.networks.evaluate(mnist.test)
    torch.cuda.synchronize()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

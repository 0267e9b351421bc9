"""Table of docs/scale.md: time and money of many trials by machine, from the seconds in the committed networks' histories.

python -m benchmarks.costs
"""

import json
import statistics

from train import checkpoint
from train.show import duration

EPOCHS = 25
# Of a GPU no speed was measured: this is an estimate for one H100 with stacked networks, by the memory that an image moves.
GPU_TRIAL_EPOCHS = 20  # a second
# Dollars an hour of the Hub's Jobs, October 2026: cpu-upgrade with 8 vCPU, and an H200.
CORE_HOUR, GPU_HOUR = 0.03 / 8, 5.0


def seconds_per_epoch() -> float:
    """Median over the committed networks of batch 16 to 128 that the engine of today trained: one core, with the test."""
    medians = []
    for path in checkpoint.FOLDER.glob("*_batch=*.safetensors"):
        header = checkpoint.header_of(path.read_bytes())
        is_usual = json.loads(header["trial"])["batch_size"] >= 16
        if header["engine"] == "numba-winograd" and is_usual:
            rows = json.loads(header["history"])
            medians.append(statistics.median(row["seconds"] for row in rows))
    print(f"{len(medians)} networks, {statistics.median(medians):.2f} s an epoch\n")
    return statistics.median(medians)


def main():
    core = EPOCHS * seconds_per_epoch()
    gpu = EPOCHS / GPU_TRIAL_EPOCHS
    machines = {
        "2 cores": (core / 2, 2 * CORE_HOUR),
        "64 cores": (core / 64, 64 * CORE_HOUR),
        "one GPU (estimated)": (gpu, GPU_HOUR),
        "64 GPUs (estimated)": (gpu / 64, 64 * GPU_HOUR),
    }
    counts = 10**3, 10**5, 10**7
    print(f"| trials of {EPOCHS} epochs | {' | '.join(f'{n:,}' for n in counts)} |")
    print("|---|---|---|---|")
    for name, (seconds, price) in machines.items():
        cells = [shown(n * seconds, n * seconds / 3600 * price) for n in counts]
        print(f"| {name} | {' | '.join(cells)} |")


def shown(seconds: float, dollars: float) -> str:
    days = seconds / 86400
    time = duration(seconds) if days < 2 else f"{days:,.0f} days"
    money = f"${dollars:,.2f}" if dollars < 100 else f"${dollars:,.0f}"
    return f"{time}, {money}"


if __name__ == "__main__":
    main()

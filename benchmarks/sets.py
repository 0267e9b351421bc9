"""MNIST's test digits as a set of digits, read by every committed network: against the digits that its checkpoint says it reads.

python -m benchmarks.sets [IMAGES]: prints the networks and images that differ, how near their two best logits lie, and the time taken.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from explorer.digits import sets
from explorer.network import evaluate
from explorer.runs import results

TIE = 1e-5  # logits nearer than that may swap with the order of additions


def main(images: int):
    found = results.load()
    test = results.test_split().first(images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.npz"
        np.savez_compressed(
            path, images=test.images.numpy(), labels=test.labels.numpy()
        )
        split = sets.read(path)
    begun = time.perf_counter()
    ties = others = networks = 0
    widest = 0.0
    for index, evaluation in evaluate.evaluations(found.finished, split):
        first, second = evaluation.log_probs.double().topk(2).values.T
        gaps = (first - second).numpy()
        committed = np.frombuffer(
            found.finished[index].test_digits[:images].encode(), np.uint8
        )
        differs = evaluation.preds.numpy() != committed - ord("0")
        if len(set(found.finished[index].test_digits)) > 1:  # else it ties everywhere
            ties += int((gaps < TIE).sum())
        others += int(differs.sum())
        networks += bool(differs.any())
        widest = max([widest, *gaps[differs]])
    seconds = time.perf_counter() - begun
    passes = len(found.finished) * images
    print(
        f"{len(found.finished)} networks x {images:,} images in {seconds:.0f} s, {1e6 * seconds / passes:.1f} us each"
    )
    print(f"two best logits within {TIE:g}: {ties} of {passes:,}")
    print(
        f"other digits than committed: {others}, in {networks} networks; the widest gap among them {widest:.2g}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)

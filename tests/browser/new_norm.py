"""Program that adds a norm to the registry, trains networks of every norm into CHECKPOINTS, and serves the explorer."""

import os
from pathlib import Path

from train.norms import BY_KEY, Norm

NEW = Norm(
    "IN",
    "instance norm",
    "olive",
    over_batch=False,
    groups=lambda channels, groups: channels,
    grouped=False,
    takes="every channel by itself, by this image alone",
)
SEEDS = (1, 2)


def train(folder: Path):
    """Saves two seeds of a configuration of every norm, of no study: enough for each page to show them."""
    from train import checkpoint, data, engines, loop
    from train.study import Trial

    digits = data.load()
    device, _ = engines.prepare("cpu")
    for norm in BY_KEY:
        for seed in SEEDS:
            trial = Trial(
                norm, 0.0, 0.0, 16, epochs=1, train_images=4000, seed=seed, lr=0.02
            )
            learner = engines.learner(trial, digits, device)
            checkpoint.save(loop.finish(loop.run(trial, digits, learner)), folder)


if __name__ == "__main__":
    BY_KEY[NEW.key] = NEW  # before all that derives from the registry is imported
    train(Path(os.environ["CHECKPOINTS"]))
    import app

    app.serve()

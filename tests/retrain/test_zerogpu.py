"""ZeroGPU: the training is decorated and has a price there, and neither elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

from explorer.retrain import training


def program(*lines: str, **environment: str) -> list:
    """The JSON that a program prints."""
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "\n".join(lines)],
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


PROGRAM = (
    "import json",
    "from explorer.retrain import hyperparameters, training",
    "trial = hyperparameters.trial_of({})",
    "prices = [training.price(trial, kind) for kind in ('CPU', 'GPU')]",
    "facts = [training.ON_GPU is training.snapshots, training.devices(), prices]",
    "print(json.dumps(facts))",
)


def test_on_zerogpu_the_training_is_decorated_and_elsewhere_nothing_is():
    # On ZeroGPU PyTorch reports a GPU, but only the decorated function gets it, for a price.
    zerogpu = {
        "SPACES_ZERO_GPU": "1",
        "SPACES_ZERO_DEVICE_API_URL": "http://127.0.0.1:1",
    }
    decorated, kinds, (free, price) = program(*PROGRAM, **zerogpu)
    assert (decorated, kinds, free) == (False, ["CPU", "GPU"], "")
    assert "about 26 s of your GPU quota" in price
    elsewhere = program("import sys", "sys.modules['spaces'] = None", *PROGRAM)
    assert elsewhere == [True, training.devices(), ["", ""]]

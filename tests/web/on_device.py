"""Answers of the device to pictures, computed by node with the page's own module and code, and drawings made up for it."""

import json
import math
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image, ImageDraw

from explorer.network.predictions import SIDE
from explorer.runs import device_files
from explorer.web import assets

SCRIPT = Path(__file__).with_name("device_answers.js")
FINE = 4  # fine pixels a pixel, when drawings are made up


@dataclass(frozen=True)
class Answers:
    """Answers to N pictures by n networks: those that are readable, their digits, placements (8 numbers), measures and probabilities."""

    raw: list[dict]
    seen: np.ndarray  # (readable, 28, 28) uint8
    probs: np.ndarray  # (readable, n, 10)
    memory: int  # bytes
    opened: list[dict]

    @property
    def reasons(self) -> list[str | None]:
        """Reason why a picture has no digit, or None, of every picture."""
        return [answer.get("reason") for answer in self.raw]

    @property
    def placements(self) -> np.ndarray:
        rows = [answer["placement"] for answer in self.raw if "placement" in answer]
        return np.array([[*row["crop"], *row["size"], *row["corner"]] for row in rows])

    def measures(self, key: str) -> np.ndarray:
        """`value`, `below` or `unusual` (readable, 4) of the measures."""
        rows = [answer["measures"] for answer in self.raw if "measures" in answer]
        return np.array([[one[key] for one in row] for row in rows])


def ask(
    folder: Path,
    pictures: np.ndarray,
    voters=(),
    lab=None,
    first=False,
    kind="ask",
    added=None,
) -> Answers:
    """Answers of the device to pictures (N, 112, 112) or digits (N, 28, 28), uint8, with settings of the laboratory for all or each."""
    wanted = device_files.files(SimpleNamespace(voters=voters))
    for address in [
        wanted["module"],
        wanted["reference"],
        *(step["address"] for step in wanted["steps"]),
        *(added or {}).values(),
    ]:
        content = assets.KEPT[address.removeprefix("files/")]()
        (folder / address.replace("/", "-")).write_bytes(content)
    question = {
        "files": wanted,
        "side": pictures.shape[1],
        "questions": lab if isinstance(lab, list) else [lab] * len(pictures),
        "first": first,
        "kind": kind,
        "added": added or {},
    }
    (folder / "questions.json").write_text(json.dumps(question))
    (folder / "pictures.bin").write_bytes(pictures.tobytes())
    subprocess.run(["node", str(SCRIPT), str(folder)], check=True)
    text = json.loads((folder / "answers.json").read_text())
    failed = [
        one for one in text["opened"] + text["answers"] if one["kind"] == "failed"
    ]
    assert not failed, failed[:3]
    seen = np.fromfile(folder / "seen.bin", np.uint8).reshape(-1, 28, 28)
    probs = np.fromfile(folder / "probs.bin", np.float32)
    probs = probs.reshape(len(seen), len(probs) // max(10 * len(seen), 1), 10)
    return Answers(text["answers"], seen, probs, text["memory"], text["opened"])


def drawings(count: int, seed: int = 0) -> np.ndarray:
    """Drawings (count, 112, 112) uint8 of strokes of every width, place and size: curves, corners, dots, and two figures side by side."""
    draw = np.random.default_rng(seed)
    return np.stack([_drawing(draw) for _ in range(count)])


def _drawing(draw: np.random.Generator) -> np.ndarray:
    picture = Image.new("L", (SIDE * FINE, SIDE * FINE))
    pen = ImageDraw.Draw(picture)
    size = SIDE * FINE * math.exp(draw.uniform(math.log(0.05), 0))
    corner = draw.uniform(0, SIDE * FINE - size, 2)
    width = FINE * math.exp(draw.uniform(math.log(1), math.log(24)))
    for _ in range(draw.integers(1, 4)):
        stretch = draw.uniform(0.2, 1, 2)
        knots = corner + size * stretch * draw.uniform(0, 1, (draw.integers(1, 6), 2))
        points = _curve(knots) if draw.random() < 0.7 else knots
        ends = [tuple(point) for point in points]
        if len(ends) > 1:
            pen.line(ends, 255, round(width), "curve")
        for x, y in (ends[0], ends[-1]):
            box = (x - width / 2, y - width / 2, x + width / 2, y + width / 2)
            pen.ellipse(box, 255)
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))


def _curve(knots: np.ndarray, pieces: int = 40) -> np.ndarray:
    """Bézier curve (pieces, 2) with these control points."""
    degree = len(knots) - 1
    t = np.linspace(0, 1, pieces)[:, None]
    weights = [
        math.comb(degree, k) * t**k * (1 - t) ** (degree - k) for k in range(degree + 1)
    ]
    return sum(weight * knot for weight, knot in zip(weights, knots, strict=True))

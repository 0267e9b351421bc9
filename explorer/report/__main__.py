"""`python -m explorer.report [FOLDER]`: writes RESULTS.md, its figures, and the finding in README.md."""

import json
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from explorer.charts.print_style import drawn
from explorer.report.contents import write
from explorer.report.draft import FIGURES
from explorer.runs import results
from train import checkpoint
from train.data_sets import FASHION

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- the finding: written by explorer.report -->", "<!-- end -->"


def main(folder: Path = checkpoint.FOLDER, root: Path = ROOT):
    """Reads the checkpoints of `folder` and writes into `root`, whose README.md must contain `BEGIN` and `END`."""
    other = folder.parent / FASHION.folder
    report = write(
        results.load(folder), results.load(other) if other.is_dir() else None
    )
    readme = root / "README.md"
    text = with_finding(readme.read_text("utf-8"), report.finding)
    (root / FIGURES).mkdir(parents=True, exist_ok=True)
    for old in (root / FIGURES).glob("*.svg"):
        if old.name not in report.figures:
            old.unlink()
    for name, figure in report.figures.items():
        save(figure, root / FIGURES / name)
    (root / "RESULTS.md").write_text(report.text, "utf-8")
    readme.write_text(text, "utf-8")
    print(
        f"{report.finding}\n\nWrote RESULTS.md and {len(report.figures)} figures in {FIGURES}."
    )


def with_finding(readme: str, finding: str) -> str:
    """README.md with the finding between `BEGIN` and `END`. Raises `ValueError` where one is missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"README.md: expected the marks {BEGIN} and {END}")
    return f"{before}{begin}\n{finding}\n{end}{after}"


def save(figure: Figure, path: Path):
    """Writes a reproducible SVG: without a date, and with ids that depend on the file name only.

    Its description holds the data, `print_style.drawn`, because other releases of matplotlib lay the same data out otherwise.
    """
    metadata = {"Date": None, "Description": json.dumps(drawn(figure))}
    with matplotlib.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "none"}):
        figure.savefig(path, metadata=metadata)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

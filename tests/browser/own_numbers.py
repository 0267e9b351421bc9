"""The page of a visitor's own numbers, and exports of trackers, for the tests of a browser."""

import csv
import io

from playwright.sync_api import expect

from explorer.study import value_records

PAIR = "old\tnew\n97,1\t98,4\n97,3\t98,2\n96,9\t98,6\n97,0\t98,1\n"
RUNS = {
    f"{recipe}-seed{seed}": [mean - 0.2 * 0.8**step + seed / 400 for step in range(12)]
    for recipe, mean in (("base", 0.9), ("wide", 0.95))
    for seed in (1, 2, 3)
}
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def opened(visit, explorer, **options):
    page = visit(f"{explorer.local_url}?tab=compare&own=1", **options)
    expect(page.locator("#own_numbers .answer")).to_be_visible()
    return page


def answer_to(*texts: str, file_names=("",), **settings) -> dict:
    files = [
        {"name": name, "text": text}
        for name, text in zip(file_names, texts, strict=True)
    ]
    return value_records.of_question({"files": files, **settings})


def paste(page, text: str):
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.locator("#own_numbers textarea").press("Control+v")


def drop(page, files: dict[str, str]):
    """Drops files on the field, as a desktop does."""
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) transfer.items.add(new File([text], name));
            return transfer;
        }""",
        [*files.items()],
    )
    page.locator("#own_numbers .source").dispatch_event(
        "drop", {"dataTransfer": transfer}
    )


def verdict(page):
    return page.locator("#own_numbers .verdict")


def as_csv(rows: list[list]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue()


def chart() -> str:
    """Export of a chart of wandb."""
    ends = ("", "__MIN", "__MAX")
    header = ["Step", *(f"{run} - val/acc{end}" for run in RUNS for end in ends)]
    lines = [[step, *(RUNS[r][step] for r in RUNS for _ in ends)] for step in range(12)]
    return as_csv([header, *lines])


def table_of_runs() -> str:
    """Export of wandb's table of runs."""
    header = ["Name", "State", "Created", "Runtime", "lr", "val/acc", "val/loss"]
    day = "2026-01-01T00:00:00.000Z"
    lines = [
        [run, "finished", day, 60, 0.1, values[-1], 1 - values[-1]]
        for run, values in RUNS.items()
    ]
    return as_csv([header, *lines])


def scalars() -> dict[str, str]:
    """Exports of TensorBoard, a file for each run."""
    return {
        f"run-{run}-tag-acc.csv": "Wall time,Step,Value\n"
        + "".join(f"{17e8 + i},{i},{value}\n" for i, value in enumerate(values))
        for run, values in RUNS.items()
    }

"""The explorer: its tabs in order, and the server."""

import importlib.util
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import gradio as gr
import torch
from starlette.middleware import Middleware

from explorer.network import predictions
from explorer.retrain import jobs, training
from explorer.retrain.session import SESSIONS
from explorer.runs import results
from explorer.study import comparison
from explorer.study.statistics import StatisticsError
from explorer.tabs import (
    compare,
    curves,
    draw,
    findings,
    gradio_private,
    inside,
    mistakes,
    retrain,
    table,
    takeaway,
    trust,
)
from explorer.web import assets
from explorer.web.guard import Guard, SameOrigin
from train.checkpoint import FOLDER
from train.data import DataError

TABS = (draw, table, compare, findings, curves, mistakes, inside, trust, retrain)

# Several visitors, each a small network: more threads would only wait for each other.
torch.set_num_threads(1)

gradio_private.take_middleware(SameOrigin)
gradio_private.close_event_loops()

QUEUED = 200  # calls of programs; pages do not queue

FONTS = {"font": ["system-ui", "sans-serif"], "font_mono": ["monospace"]}
SETTINGS = {
    "theme": gr.themes.Default(**FONTS),
    "max_file_size": "64kb",
    "max_threads": jobs.MAX_JOBS
    + 14,  # also of queued calls at once; a training that a program watches is one
    "state_session_capacity": 500,
    "run_history": False,
    "enable_monitoring": False,
    "ssr_mode": False,
    "mcp_server": importlib.util.find_spec("mcp")
    is not None,  # gradio[mcp] is optional
    "footer_links": ["api"],
    "head": assets.SHELL,
    "css": (Path(__file__).parent / "explorer/web/page.css").read_text("utf-8"),
    "app_kwargs": {"middleware": [Middleware(Guard)], "routes": [assets.ROUTE]},
}


def open_link(blocks: gr.Blocks, tabs: gr.Tabs, restored: list):
    """Reopens the view that a link names: `?tab=compare&a=...&b=...`; what does not exist is passed over.

    `restored` has, for each tab, what its `build` returned: None, or the components that a link sets by the names of its
    parameters, and the values that each may have.
    """
    settings = [
        (module.SLUG, found or {}) for module, found in zip(TABS, restored, strict=True)
    ]
    outputs = [component for _, found in settings for component, _ in found.values()]

    def restore(request: gr.Request):
        asked = dict(request.query_params)
        wanted = asked.get("tab")
        updates = []
        for name, found in settings:
            for key, (_, allowed) in found.items():
                value = read(asked.get(key), allowed) if name == wanted else None
                updates.append(gr.skip() if value is None else gr.update(value=value))
        known = wanted in {name for name, _ in settings}
        return [gr.Tabs(selected=wanted) if known else gr.skip(), *updates]

    blocks.load(restore, None, [tabs, *outputs], **takeaway.QUIET)


def keep_sessions(blocks: gr.Blocks):
    """Ties what a page keeps to Gradio's session of that page, so that it goes when the page is closed."""

    def begin(secret: str, request: gr.Request):
        SESSIONS.begin(request.session_hash, secret)

    def end(request: gr.Request):
        SESSIONS.end(request.session_hash)

    blocks.load(begin, takeaway.secret(), None, js=takeaway.SECRET, **takeaway.QUIET)
    blocks.unload(end)


def read(text: str | None, allowed: list | set):
    """The value of a parameter among those allowed, or, where `allowed` is a list, some of them; None where there is none."""
    if text is None:
        return None
    # As JavaScript writes them: true, not True.
    values = {
        str(value).lower() if isinstance(value, bool) else str(value): value
        for value in allowed
    }
    if isinstance(allowed, set):
        return values.get(text)
    chosen = [values[part] for part in text.split("|") if part in values]
    return chosen if chosen or not text else None


def build(found: results.Results) -> gr.Blocks:
    with gr.Blocks(
        title="Is the difference real?",
        delete_cache=(600, 3600),
        analytics_enabled=False,
    ) as blocks:
        gr.Markdown("# Is the difference real?")
        if found.problems:
            gr.Markdown("\n\n".join(f"Skipped {each}." for each in found.problems))
        restored = []
        with gr.Tabs(overflow_behavior="wrap") as tabs:
            for module in TABS:
                with gr.Tab(module.TITLE, id=module.SLUG) as tab:
                    restored.append(module.build(tab, found))
        open_link(blocks, tabs, restored)
        keep_sessions(blocks)
    return blocks.queue(max_size=QUEUED, default_concurrency_limit=2, api_open=False)


shown = results.load(os.environ.get("CHECKPOINTS") or FOLDER)
demo = build(shown)


def warm():
    """Reads the test digits and the statistics' libraries while the server starts, so that no visitor waits for them."""
    with suppress(DataError, StatisticsError):
        predictions.sample(0, 0)
        comparison.compare(shown, *map(str, comparison.opening(shown)))
    training.prepared()


def serve():
    port = os.environ.get("PORT") or "7860"
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        sys.exit(f"PORT must be a number from 1 to 65535; got {port!r}")
    threading.Thread(target=warm, daemon=True).start()
    try:
        demo.launch(server_port=int(port), **SETTINGS)
    except OSError as error:  # the port is taken
        sys.exit(f"PORT {port}: {error}")


if __name__ == "__main__":
    serve()

"""The explorer: its tabs in order, and the server."""

import importlib.util
import os
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import gradio as gr
import torch
from starlette.middleware import Middleware

from explorer.charts import palette
from explorer.network import predictions
from explorer.retrain import jobs, training
from explorer.retrain.session import SESSIONS
from explorer.runs.results import Results, load
from explorer.study import comparison, markdown, wording
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
from explorer.tabs.answers import bound
from explorer.web import assets
from explorer.web.guard import Guard, SameOrigin
from train.checkpoint import FOLDER
from train.data import DataError

TABS = (draw, findings, compare, table, curves, mistakes, inside, trust, retrain)

# Every request runs small networks: more threads would only wait for each other.
torch.set_num_threads(1)

gradio_private.take_middleware(SameOrigin)
gradio_private.close_event_loops()
gradio_private.forget_values()
gradio_private.print_no_values()
gradio_private.take_defaults()
gradio_private.compress_page()

QUEUED = 200  # calls of programs that may wait; pages do not queue

FONTS = {"font": ["system-ui", "sans-serif"], "font_mono": ["monospace"]}
SETTINGS = {
    "theme": gr.themes.Default(**FONTS),
    "max_file_size": "64kb",
    # Queued calls that run at once; the stream of a training is one of them.
    "max_threads": jobs.MAX_JOBS + 14,
    "state_session_capacity": 500,
    "run_history": False,
    "enable_monitoring": False,
    "ssr_mode": False,
    "mcp_server": importlib.util.find_spec("mcp") is not None,  # of gradio[mcp]
    "footer_links": ["api"],
    "head": assets.SHELL,
    "css": palette.custom_properties()
    + (Path(__file__).parent / "explorer/web/page.css").read_text("utf-8"),
    "app_kwargs": {"middleware": [Middleware(Guard)], "routes": assets.ROUTES},
}


def open_links(blocks: gr.Blocks, restored: list):
    """Sets the components of the view that an address names, such as `?tab=curves&norm=BN`, when the page opens and for Back and links later.

    `restored` has what the `build` of every tab returned: None, or by the names of a link's parameters the component that
    the parameter sets and the values that it may have. Unknown parameters and values are ignored; the tab itself is opened by the page.
    """
    views = {
        module.SLUG: view
        for module, view in zip(TABS, restored, strict=True)
        if view is not None
    }
    names = {slug: list(view) for slug, view in views.items()}
    page = takeaway.page(
        "links", (), events=("restore",), tabs=names, elem_classes="unseen"
    )
    outputs = [component for view in views.values() for component, _ in view.values()]

    def restore(parameters: dict[str, str]) -> list:
        updates = []
        for slug, view in views.items():
            for key, (component, allowed) in view.items():
                value = read(parameters.get(key), allowed)
                first = component.value if value is None else value
                is_named = parameters.get("tab") == slug
                updates.append(gr.update(value=first) if is_named else gr.skip())
        return updates

    def open_page(request: gr.Request):
        return restore(dict(request.query_params))

    def follow(event: gr.EventData):
        query = gradio_private.data_of(event)
        return restore(dict(parse_qsl(str(query), keep_blank_values=True)))

    blocks.load(open_page, None, outputs, **takeaway.QUIET)
    page.restore(follow, None, outputs, **takeaway.QUIET)


@cache
def found(results: Results) -> str:
    """The finding, computed when the first page opens; empty where the test digits are missing."""
    with suppress(DataError):
        return markdown.finding(
            [*wording.finding.statements(results), *wording.finding.beyond(results)]
        )
    return ""


def keep_sessions(blocks: gr.Blocks):
    """Begins and ends our session of a page with Gradio's session, so that its networks are dropped after the page is closed."""

    def begin(secret: str, request: gr.Request):
        SESSIONS.begin(request.session_hash, secret)

    def end(request: gr.Request):
        SESSIONS.end(request.session_hash)

    blocks.load(begin, takeaway.secret(), None, js=takeaway.SECRET, **takeaway.QUIET)
    blocks.unload(end)


def read(text: str | None, allowed: list | set):
    """The value of a link's parameter: one of a set, or a list of values of a list; None where the text names no allowed value."""
    if text is None:
        return None
    # Links are written by JavaScript: true, not True.
    values = {
        str(value).lower() if isinstance(value, bool) else str(value): value
        for value in allowed
    }
    if isinstance(allowed, set):
        return values.get(text)
    chosen = [values[part] for part in text.split("|") if part in values]
    return chosen if chosen or not text else None


def build(results: Results) -> gr.Blocks:
    with gr.Blocks(
        title="Is the difference real?",
        delete_cache=(600, 3600),
        analytics_enabled=False,
    ) as blocks:
        gr.Markdown("# Is the difference real?")
        finding = gr.Markdown(elem_id="finding")
        if results.problems:
            gr.Markdown(
                "\n\n".join(f"Skipped {problem}." for problem in results.problems)
            )
        restored = []
        with gr.Tabs(overflow_behavior="wrap"):
            for module in TABS:
                with gr.Tab(module.TITLE, id=module.SLUG) as tab:
                    restored.append(module.build(tab, results))
        blocks.load(bound(found, results), None, finding, **takeaway.QUIET)
        open_links(blocks, restored)
        keep_sessions(blocks)
    return blocks.queue(max_size=QUEUED, default_concurrency_limit=2, api_open=False)


def head(results: Results) -> str:
    """Links to all that the first votes on the pad need, as a template: on a slow line every round trip counts."""
    begin = gradio_private.first_files()[:-1]
    ours = assets.modules("start", "pad", "shell", "device_worker")
    kinds = gradio_private.first_files("markdown", "tabs", "tabitem", "html")
    rest = [*ours, *(file for file in kinds if file not in begin)]
    files = assets.preload(draw.first_files(results))
    draws = f"request.query_params.get('tab', '{draw.SLUG}') == '{draw.SLUG}'"
    begin, rest = assets.preload(begin), assets.preload(rest)
    return f"{begin}{{% if {draws} %}}{files}{{% endif %}}{rest}"


loaded = load(os.environ.get("CHECKPOINTS") or FOLDER)
demo = build(loaded)
gradio_private.begin_page(head(loaded))


def warm():
    """Loads the test digits and the libraries of the statistics while the server starts, so that no visitor waits for them."""
    with suppress(DataError, StatisticsError):
        predictions.sample(0, 0)
        comparison.compare(loaded, *map(str, comparison.opening(loaded)))
        table.everything(loaded)
        found(loaded)
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

"""The explorer: its tabs in order, and the server."""

import os
import sys
import threading
from contextlib import suppress

import gradio as gr
import torch
from starlette.middleware import Middleware

from explorer import analysis, results
from explorer.guard import Guard
from explorer.tabs import compare, curves, draw, mistakes, table
from train.checkpoint import FOLDER
from train.data import DataError

TABS = (draw, table, compare, curves, mistakes)

# Several visitors, each a small network: more threads would only wait for each other.
torch.set_num_threads(1)

FONTS = {"font": ["system-ui", "sans-serif"], "font_mono": ["monospace"]}
SETTINGS = {
    "theme": gr.themes.Default(**FONTS),
    "max_file_size": "64kb",
    "max_threads": 8,
    "state_session_capacity": 500,
    "run_history": False,
    "enable_monitoring": False,
    "ssr_mode": False,
    "footer_links": ["api"],
    "app_kwargs": {"middleware": [Middleware(Guard)]},
}


def build(found: results.Results) -> gr.Blocks:
    with gr.Blocks(
        title="Is the difference real?",
        delete_cache=(600, 3600),
        analytics_enabled=False,
    ) as blocks:
        gr.Markdown(
            "# Is the difference real?\nNetworks of 7,288 parameters, each trained on MNIST its own way."
        )
        for module in TABS:
            with gr.Tab(module.TITLE) as tab:
                module.build(tab, found)
    return blocks.queue(max_size=20, default_concurrency_limit=2)


demo = build(results.load(os.environ.get("CHECKPOINTS") or FOLDER))


def warm():
    """Reads the test digits while the server starts; without them the Draw tab says why."""
    with suppress(DataError):
        analysis.sample(0, 0)


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

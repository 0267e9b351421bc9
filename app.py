"""The explorer: its tabs in order, and the server."""

import importlib.util
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl

import gradio as gr
import torch
from starlette.middleware import Middleware

from explorer.charts import palette
from explorer.network import predictions
from explorer.retrain import jobs, kernels, visits
from explorer.runs import network_files, source
from explorer.runs.results import Results
from explorer.study import comparison, markdown
from explorer.study.statistics import StatisticsError
from explorer.tabs import (
    compare,
    curves,
    draw,
    findings,
    gradio_private,
    inside,
    mistakes,
    opening,
    retrain,
    table,
    takeaway,
    theme,
    trust,
)
from explorer.tabs.answers import answering, bound
from explorer.web import (
    assets,
    documents,
    environment,
    http1,
    log,
    memory,
    refusals,
)
from explorer.web.compressed import Compressed
from explorer.web.guard import Guard, SameOrigin
from train.checkpoint import FOLDER, CheckpointError
from train.data import DataError
from train.errors import UserError

TABS = (draw, findings, compare, table, curves, mistakes, inside, trust, retrain)

# Every request runs small networks: more threads would only wait for each other.
torch.set_num_threads(1)
# Seconds for which a thread that computes keeps others waiting. An answer takes a dozen turns; Python's own 5 ms add up.
sys.setswitchinterval(0.0005)
memory.share()

gradio_private.take_middleware(SameOrigin)
gradio_private.close_event_loops()
gradio_private.forget_values()
gradio_private.print_no_values()
gradio_private.take_defaults()
gradio_private.refuse_values()
gradio_private.write_json_for_mcp()
gradio_private.quote_little_for_mcp()
gradio_private.import_no_matplotlib()

PRIVACY = "<small>Drawings stay on your device while it votes. The server keeps what it is sent in memory only, until ten minutes after you leave.</small>"
MOST_PROBLEMS = 50  # skipped files that the page names; the log names all
QUEUED = 200  # calls of programs that may wait; pages do not queue

# The code that this server runs: a page of other code has to be loaded anew.
SOURCES = [
    path
    for folder in ("explorer", "train")
    for path in sorted((Path(__file__).parent / folder).rglob("*"))
    if path.suffix in (".py", ".html", ".css", ".js")
]
BUILD = f"{gr.__version__}-{assets.digest([Path(__file__), *SOURCES])}"
VISITS = visits.route(answering(bound(visits.answer, BUILD)))

SETTINGS = {
    "theme": theme.theme(),
    "max_file_size": "64kb",
    # Queued calls that run at once; the stream of a training is one of them.
    "max_threads": jobs.MAX_STREAMED + 14,
    "state_session_capacity": 500,
    "run_history": False,
    "enable_monitoring": False,
    "ssr_mode": False,
    "mcp_server": importlib.util.find_spec("mcp") is not None,  # of gradio[mcp]
    "footer_links": ["api"],
    "head": assets.SHELL,
    "css": palette.custom_properties()
    + (takeaway.WEB / "page.css").read_text("utf-8")
    + (takeaway.WEB / "early.css").read_text("utf-8"),
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
        title=f"{opening.TITLE} Normalisation on {results.data_set.name}",
        delete_cache=(600, 3600),
        analytics_enabled=False,
    ) as blocks:
        opening.build(blocks, results)
        skipped = [f"Skipped {one}." for one in results.problems[:MOST_PROBLEMS]]
        if said := [results.origin, *skipped] if results.origin else skipped:
            gr.Markdown("\n\n".join(map(markdown.literal, said)))
        restored = []
        with gr.Tabs(overflow_behavior="wrap"):
            for module in TABS:
                title = module.TITLE
                if module is draw and not results.data_set.is_drawn:
                    title = draw.CHOOSE
                with gr.Tab(title, id=module.SLUG) as tab:
                    gr.Markdown(f"## {title}", elem_classes="spoken")
                    restored.append(module.build(tab, results))
        gr.Markdown(PRIVACY, elem_id="privacy")
        open_links(blocks, restored)
    return blocks.queue(
        max_size=QUEUED,
        default_concurrency_limit=2,
        api_open=False,
        status_update_rate=5,
    )


def head(blocks: gr.Blocks, results: Results) -> tuple[str, str]:
    """Links to all that the first votes on the pad need, or the tab that the address names, as a template: on a slow line every round trip counts.

    The second template has the styles of Gradio's components, which come after those of its page.
    Where it names Draw, all of ours is loaded before Gradio's, and the pad comes before Gradio; see `js/early.js`.
    """
    ours = {name: f"{assets.ADDRESS}/{name}" for name in assets.bundles()}
    kinds = {block.get_block_name() for block in blocks.blocks.values()}
    files = gradio_private.first_files(*sorted(kinds))
    text, known = gradio_private.one_sheet(files)
    sheet = assets.keep([text], lambda: text, ".css")
    scripts = [file for file in files if not file.endswith(".css")]
    begin = [file for file in gradio_private.first_files()[:-1] if file in scripts]
    rest = [file for file in scripts if file not in begin]
    votes = [ours["device_worker.js"], *draw.first_files(results)]
    draws = f"request.query_params.get('tab', '{draw.SLUG}') == '{draw.SLUG}'"
    early = f"{gradio_private.STYLES}{assets.SHELL}{assets.preload(votes)}{assets.preload([*begin, *rest], late=True)}"
    other = assets.preload([sheet, *begin, ours["later.js"], ours["first.js"], *rest])

    def either(first: str, second: str) -> str:
        return f"{{% if {draws} %}}{first}{{% else %}}{second}{{% endif %}}"

    styles = either(assets.styles(sheet, late=True), assets.styles(sheet))
    described = assets.data_set(results.data_set)
    return described + either(early, other), styles + known


try:
    loaded = source.load(environment.checkpoints(os.environ, str(FOLDER)))
except UserError as error:
    sys.exit(f"CHECKPOINTS {error}")
SETTINGS["app_kwargs"] = {
    "middleware": [
        Middleware(
            Guard,
            proxies=environment.trusted_proxies(os.environ),
            ancestors=environment.frame_ancestors(os.environ),
        ),
        Middleware(Compressed, first=draw.SLUG),
    ],
    "exception_handlers": dict.fromkeys(
        (*refusals.KINDS, *gradio_private.UNREADABLE), refusals.refuse
    ),
    "routes": [
        *assets.ROUTES,
        VISITS,
        *documents.ROUTES,
        *network_files.routes(loaded),
    ],
}
demo = build(loaded)
gradio_private.rest(demo)
gradio_private.forget_results(demo)
# Inside may show what is drawn: Draw comes first there.
AT_ONCE = [module.SLUG for module in TABS if module is not inside]
gradio_private.begin_page(*head(demo, loaded), AT_ONCE)


ENDING = threading.Event()  # set when the server ends


def warm():
    """Loads the test digits and the libraries of the statistics, and computes what tabs show first, so that no visitor waits for it."""
    steps = (
        lambda: predictions.sample(0, 0, loaded.data_set),
        lambda: loaded.stack,
        lambda: curves.first(loaded),
        lambda: comparison.compare(loaded, *map(str, comparison.opening(loaded))),
        lambda: table.everything(loaded),
        lambda: opening.found(loaded),
        lambda: findings.judged(loaded),
        lambda: trust.first(loaded),
    )
    # Of a file that is damaged or gone since the start, the tab that needs it says so.
    with suppress(DataError, StatisticsError, CheckpointError):
        for step in steps:
            if ENDING.is_set():
                return
            step()


def tend(warming: threading.Thread):
    """Work of a server beside its answers: once it is warm, it compiles the kernels and gives freed memory back."""
    warming.join()
    memory.keep()
    memory.give_back()
    kernels.compile_kernels()
    memory.keep()
    memory.keep_giving_back()


def serve():
    log.limit()
    http1.limit()
    port = environment.port(os.environ)
    # A server is ended like this by whoever runs it; Gradio closes it as for Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    warming = threading.Thread(target=warm)
    warming.start()
    threading.Thread(target=tend, args=[warming], daemon=True).start()
    try:
        demo.launch(server_port=port, **SETTINGS)
    except OSError as error:  # the port is taken
        sys.exit(f"PORT {port}: {error}")
    except KeyboardInterrupt:  # before it is up; later Gradio takes it
        sys.exit()
    finally:
        jobs.JOBS.close()
        ENDING.set()
        warming.join()  # a thread that Python ends within C++ aborts the process


if __name__ == "__main__":
    serve()

"""Uses of undocumented parts of Gradio. No other file uses any; a test of every use fails when an update breaks it."""

import asyncio
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import gradio.queueing
import gradio.routes
import gradio.utils
from gradio.brotli_middleware import BrotliMiddleware
from gradio.components.api_component import Api
from gradio.context import Context, LocalContext
from gradio.state_holder import SessionState


def take_middleware(cors: type):
    """Replaces Gradio's ASGI middleware for cross-origin requests: middleware given to Gradio runs only after its own."""
    gradio.routes.CustomCORSMiddleware = cors


def close_event_loops():
    """Makes Gradio create locks without event loops: it would open a loop for every lock and never close it, and Python warns of that."""
    gradio.queueing.safe_get_lock = gradio.utils.safe_get_lock = asyncio.Lock
    gradio.queueing.safe_get_stop_event = gradio.utils.safe_get_stop_event = (
        asyncio.Event
    )


def data_of(event: gr.EventData):
    """The data that a page sent with an event; the attributes of `EventData` are only its keys."""
    return event._data


def validate(endpoint: gr.events.Dependency | dict, check: Callable):
    """Sets the validator of an endpoint, which runs before a call is queued; `gr.api` has no parameter for it, events have."""
    Context.root_block.fns[endpoint["id"]].validator = check


def is_read(request: gr.Request) -> bool:
    """False while messages for a Gradio session wait in the queue, so that nobody reads its stream."""
    queue = LocalContext.blocks.get()._queue
    messages = queue.pending_messages_per_session.get(request.session_hash)
    return messages is None or messages.empty()


def forget_values():
    """Makes Gradio's sessions keep no values that programs send to endpoints or get from them; they would keep the last ones, and nothing reads them."""
    remember = SessionState._update_value_in_config

    def update(state: SessionState, key: int, value):
        if not isinstance(state.blocks_config.blocks.get(key), Api):
            remember(state, key, value)

    SessionState._update_value_in_config = update


def print_no_values():
    """Makes Gradio print its tracebacks without their messages, which quote what somebody sent."""

    def print_exc():
        error = sys.exception()
        if error:
            print(*traceback.format_tb(error.__traceback__), type(error).__name__, file=sys.stderr)  # fmt: skip

    gradio.queueing.traceback = gradio.routes.traceback = SimpleNamespace(
        print_exc=print_exc
    )


def take_defaults():
    """Makes Gradio fill a program's call that has too few values with the defaults of the endpoint, None where it has none; it would fail without a word."""
    validate = gr.Blocks.validate_inputs

    def fill(blocks: gr.Blocks, function, inputs: list):
        for block in function.inputs[len(inputs) :]:
            if isinstance(block, Api):
                inputs.append(block.value)
        validate(blocks, function, inputs)

    gr.Blocks.validate_inputs = fill


def compress_page():
    """Makes Gradio compress its page too, which is half a megabyte; it compresses only paths with an ending such as `.js`."""
    is_compressible = BrotliMiddleware._is_compressible_file_type

    def is_page_or_compressible(middleware, scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return path in ("", "/") or is_compressible(middleware, scope)

    BrotliMiddleware._is_compressible_file_type = is_page_or_compressible


def begin_page(head: str):
    """Makes the head of Gradio's page begin with `head`, a Jinja template; the `head` of `launch` is added when all of Gradio runs."""
    loader = gradio.routes.templates.env.loader
    load = loader.get_source

    def source(environment, name: str):
        text, *rest = load(environment, name)
        return text.replace("<head>", f"<head>{head}", 1), *rest

    loader.get_source = source


FRONTEND = Path(gradio.routes.STATIC_TEMPLATE_LIB) / "frontend"


def first_files(*kinds: str) -> list[str]:
    """Addresses of the scripts and styles that Gradio's page loads until components of these kinds are there, as a template.

    Gradio's page learns of them in five steps, each after a round trip. The last of them, Blocks, asks for the files of all other kinds as
    soon as it is there. Fewer or none are found where an update writes its scripts in another way.
    """
    page = (FRONTEND / "index.html").read_text("utf-8")
    files = re.findall(r"assets/index-[\w-]+\.js", page)
    for name in ("index", "Index"):
        files += _imported(files, name)
    files.append("theme.css?v={{ config.theme_hash }}")
    for kind in kinds:
        files += _imported(files, "core", kind)
    last = re.compile(r"assets/Blocks-.*\.js")
    return sorted(dict.fromkeys(files), key=lambda file: bool(last.match(file)))


def _imported(files: list[str], name: str, kind: str = "") -> list[str]:
    """Files that the script of `files` with this name imports dynamically: first, or for a kind of component."""
    scripts = [path for path in files if re.match(rf"assets/{name}-.*\.js", path)]
    text = (FRONTEND / scripts[0]).read_text("utf-8") if scripts else ""
    names = re.findall(r'"\./([\w.-]+)"', "".join(re.findall(r"m\.f=\[.*?\]", text)))
    part = "".join(re.findall(rf"\b{kind}:{{[^}}]*", text)) if kind else text
    imports = re.findall(r"__vite__mapDeps\(\[([\d,]+)\]\)", part)
    numbers = ",".join(imports if kind else imports[:1]).split(",")
    return [f"assets/{names[int(number)]}" for number in numbers if number]

"""Uses of undocumented parts of Gradio. No other file uses any; a test of every use fails when an update breaks it."""

import asyncio
import importlib
import json
import re
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import gradio.queueing
import gradio.routes
import gradio.utils
from gradio.components.api_component import Api
from gradio.context import Context, LocalContext
from gradio.mcp import GradioMCPServer
from gradio.queueing import ProcessCompletedMessage
from gradio.route_utils import FnIndexInferError
from gradio.state_holder import SessionState
from starlette.responses import JSONResponse

from explorer.web import refusals


def take_middleware(cors: type):
    """Replaces Gradio's ASGI middleware for cross-origin requests: middleware given to Gradio runs only after its own."""
    gradio.routes.CustomCORSMiddleware = cors


def close_event_loops():
    """Makes Gradio create locks without event loops: it would open one for every lock and never close it."""
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


def address_of(request: gr.Request) -> str | None:
    """Address of who asks, as the guard knows it; None where it does not."""
    return request.request.scope.get("state", {}).get("address")


def is_read(request: gr.Request) -> bool:
    """False while messages for a Gradio session wait in the queue, so that nobody reads its stream."""
    queue = LocalContext.blocks.get()._queue
    messages = queue.pending_messages_per_session.get(request.session_hash)
    return messages is None or messages.empty()


def forget_values():
    """Makes Gradio's sessions keep no values and no configuration of components, which only deep links read.

    The configuration takes 20 ms of every new visitor.
    """
    begin = SessionState.__init__

    def begin_empty(state: SessionState, blocks: gr.Blocks):
        begin(state, SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]

    SessionState.__init__ = begin_empty
    SessionState._update_config = SessionState._update_value_in_config = (
        lambda *values: None
    )


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
    """Makes Gradio fill a call of too few values with the endpoint's defaults, or None; it would fail without a word."""
    validate = gr.Blocks.validate_inputs

    def fill(blocks: gr.Blocks, function, inputs: list):
        for block in function.inputs[len(inputs) :]:
            if isinstance(block, Api):
                inputs.append(block.value)
        validate(blocks, function, inputs)

    gr.Blocks.validate_inputs = fill


def refuse_values():
    """Makes Gradio refuse values that its components do not take, with 400 and a sentence; it would answer 500."""
    preprocess = gr.Blocks.preprocess_data

    async def checked(blocks: gr.Blocks, *args, **kwargs):
        try:
            return await preprocess(blocks, *args, **kwargs)
        except (
            gr.Error
        ) as error:  # quotes the value, which may be long and is shown as HTML
            raise gr.Error(refusals.OUTSIDE, print_exception=False) from error
        except Exception as error:
            raise gr.Error(refusals.SENTENCE, print_exception=False) from error

    def respond(content, status_code: int = 200, **options):
        if status_code == 500 and isinstance(content, dict) and content.get("error"):
            said = str(content["error"])  # of an error that nobody foresaw, any text
            return refusals.refusal(said if said.endswith(".") else refusals.SENTENCE)
        return JSONResponse(content, status_code, **options)

    gr.Blocks.preprocess_data = checked
    gradio.routes.JSONResponse = respond
    gradio.queueing.print = lambda *values: None  # refusals, for anybody's every call


MOST_UNREAD = (
    64  # sessions whose results nobody has read; the largest result has 300 KB
)


def forget_results(blocks: gr.Blocks):
    """Makes the queue of calls keep at most `MOST_UNREAD` sessions with results that nobody reads, and no record of its calls.

    Gradio keeps both without end, and computes statistics of the record after every call.
    """
    queue = blocks._queue
    queue.ANALYTICS_MAX_EVENTS = 1
    queue.compute_analytics_summary = lambda records: None
    sent: OrderedDict[str, None] = OrderedDict()
    send = queue.send_message

    def send_and_forget(event, message):
        send(event, message)
        if not isinstance(message, ProcessCompletedMessage):
            return
        sent[event.session_hash] = None
        sent.move_to_end(event.session_hash)
        if len(sent) > MOST_UNREAD:
            oldest, _ = sent.popitem(last=False)
            messages = queue.pending_messages_per_session.get(oldest)
            if messages is not None and not messages.empty():
                del queue.pending_messages_per_session[oldest]
                queue.pending_event_ids_session.pop(oldest, None)

    queue.send_message = send_and_forget


def rest(blocks: gr.Blocks):
    """Makes the queue of calls look 20 times a second for what to do; a thousand times, Gradio's own, take 4 % of a core."""
    queue = blocks._queue
    queue.sleep_when_free = queue.progress_update_sleep_when_free = 0.05


def import_no_matplotlib():
    """Keeps Gradio from importing matplotlib at the first event, which takes 24 MB and half a second: no event draws with it."""
    gradio.utils.MatplotlibBackendMananger = nullcontext


MOST_SAID = 500  # characters of a refusal


def quote_little_for_mcp():
    """Makes the server of MCP cut its refusals, which quote the whole value that they refuse."""
    try:
        server = importlib.import_module("mcp.server.lowlevel").Server  # of gradio[mcp]
    except ImportError:
        return
    say = server._make_error_result

    def say_little(self, sentence: str):
        is_long = len(sentence) > MOST_SAID
        return say(self, sentence[:MOST_SAID] + "..." * is_long)

    server._make_error_result = say_little


def write_json_for_mcp():
    """Makes Gradio's tools of MCP answer JSON; it would write dictionaries as Python does."""
    write = GradioMCPServer.postprocess_output_data

    def written(server: GradioMCPServer, data, root_url: str):
        texts = [one if isinstance(one, str) else json.dumps(one) for one in data]
        return write(server, texts, root_url)

    GradioMCPServer.postprocess_output_data = written


# Errors of Gradio's routes that are none of Python's own kinds.
UNREADABLE = (
    gradio.routes.fastapi.exceptions.RequestValidationError,
    FnIndexInferError,
)


# Gradio opens the first tab, and another only once that one is there. What a link sets has to be set before a tab draws.
OPEN_LINKED = """<script>{
  const query = new URLSearchParams(location.search);
  const setsNothing = [...query.keys()].every((key) => /^(tab|tour|part|__.*)$/.test(key));
  const tabs = window.gradio_config?.components.find(({ type }) => type === "tabs");
  if (tabs && setsNothing && %s.includes(query.get("tab"))) tabs.props.selected = query.get("tab");
}</script>"""


def begin_page(head: str, end: str, slugs: list[str]):
    """Makes the head of Gradio's page begin with `head`, a Jinja template, and end with `end`, another.

    Where its address names a tab among `slugs` and no setting, the page opens that one first. The `head` of `launch` is added when all of Gradio runs.
    """
    end += OPEN_LINKED % json.dumps(slugs)
    loader = gradio.routes.templates.env.loader
    load = loader.get_source

    def source(environment, name: str):
        text, *rest = load(environment, name)
        text = text.replace("<head>", f"<head>{head}", 1)
        return text.replace("</head>", f"{end}</head>", 1), *rest

    loader.get_source = source


THEME = "theme.css?v={{ config.theme_hash }}"
STYLES = f'<link rel="stylesheet" href="./{THEME}">'  # for what is there before Gradio
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
    files.append(THEME)
    for kind in kinds:
        files += _imported(files, "core", kind)
    last = re.compile(r"assets/Blocks-.*\.js")
    return sorted(dict.fromkeys(files), key=lambda file: bool(last.match(file)))


# By a script: for links of the page browsers may ask before they know that these are disabled.
KNOW = """<script>for (const href of %s) {
  const link = document.createElement("link");
  for (const [name, value] of Object.entries({ rel: "stylesheet", disabled: "", href })) link.setAttribute(name, value);
  document.head.append(link);
}</script>"""


def one_sheet(files: list[str]) -> tuple[bytes, str]:
    """Style sheets among `files`, but for those of the page, in one, and a script with a disabled link to each: Gradio asks for none then."""
    page = (FRONTEND / "index.html").read_text("utf-8")
    names = [file for file in files if file.endswith(".css") and file not in page]
    texts = [(FRONTEND / name).read_bytes() for name in names]
    return b"\n".join(texts), KNOW % json.dumps([f"./{name}" for name in names])


def _imported(files: list[str], name: str, kind: str = "") -> list[str]:
    """Files that the script of `files` with this name imports dynamically: first, or for a kind of component."""
    scripts = [path for path in files if re.match(rf"assets/{name}-.*\.js", path)]
    text = (FRONTEND / scripts[0]).read_text("utf-8") if scripts else ""
    names = re.findall(r'"\./([\w.-]+)"', "".join(re.findall(r"m\.f=\[.*?\]", text)))
    part = "".join(re.findall(rf"\b{kind}:{{[^}}]*", text)) if kind else text
    imports = re.findall(r"__vite__mapDeps\(\[([\d,]+)\]\)", part)
    numbers = ",".join(imports if kind else imports[:1]).split(",")
    return [f"assets/{names[int(number)]}" for number in numbers if number]

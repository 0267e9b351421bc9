"""Uses of undocumented parts of Gradio, tested on Gradio's own objects."""

import asyncio
import queue
from types import SimpleNamespace

import gradio as gr
import gradio.queueing
import gradio.routes
import gradio.utils
import pytest
from gradio.context import LocalContext
from gradio.queueing import ProcessCompletedMessage
from gradio.state_holder import SessionState
from starlette.testclient import TestClient

from explorer.tabs import gradio_private


@pytest.fixture
def blocks(monkeypatch):
    """Blocks with an endpoint; changes of a test to Gradio's modules are undone."""
    monkeypatch.setattr(
        gradio.routes, "CustomCORSMiddleware", gradio.routes.CustomCORSMiddleware
    )
    for module in (gradio.queueing, gradio.utils):
        for name in ("safe_get_lock", "safe_get_stop_event"):
            original = getattr(module, name, None)
            monkeypatch.setattr(module, name, original, raising=False)

    def echo(text: str) -> str:
        return text

    with gr.Blocks() as blocks:
        blocks.endpoint = gr.api(echo, api_name="echo")
    return blocks


def test_our_middleware_replaces_gradios(blocks):
    class Ours:
        def __init__(self, app, **options):
            self.app = app

    gradio_private.take_middleware(Ours)
    app = gradio.routes.App.create_app(blocks)
    assert Ours in [middleware.cls for middleware in app.user_middleware]


def test_tracebacks_are_printed_without_their_messages(blocks, monkeypatch, capsys):
    for module in (gradio.queueing, gradio.routes):
        monkeypatch.setattr(module, "traceback", module.traceback)
    gradio_private.print_no_values()
    for module in (gradio.queueing, gradio.routes):
        try:
            raise KeyError("sec" + "ret")
        except KeyError:
            module.traceback.print_exc()
    said = capsys.readouterr().err
    assert said.count("\n KeyError\n") == 2 and "test_gradio_private.py" in said
    assert "secret" not in said


def test_a_call_with_too_few_values_takes_the_defaults(blocks, monkeypatch):
    monkeypatch.setattr(gr.Blocks, "validate_inputs", gr.Blocks.validate_inputs)

    def add(a: float, b: float = 2.0, c: bool = False):
        return a + b

    with blocks:
        endpoint = gr.api(add, api_name="add")
        button = gr.Button()
        event = button.click(lambda x, y: x, [gr.Textbox(), gr.Textbox()], None)
    gradio_private.take_defaults()
    inputs = [1]
    blocks.validate_inputs(blocks.fns[endpoint["id"]], inputs)
    assert inputs == [1, 2.0, False]
    nothing = []
    blocks.validate_inputs(blocks.fns[endpoint["id"]], nothing)
    assert nothing == [None, 2.0, False]
    with pytest.raises(ValueError, match="input values"):
        blocks.validate_inputs(blocks.fns[event["id"]], ["x"])


def test_sessions_keep_no_values_and_no_configurations(blocks, monkeypatch):
    for name in ("__init__", "_update_config", "_update_value_in_config"):
        monkeypatch.setattr(SessionState, name, getattr(SessionState, name))
    with blocks:
        shown = gr.Textbox("begin")
    (sent,) = blocks.fns[blocks.endpoint["id"]].inputs
    gradio_private.forget_values()
    state = SessionState(blocks)
    for component in (sent, shown):
        state._update_value_in_config(component._id, "secret")
        state._update_config(component._id)
        assert state[component._id] is component
    assert not state.config_values


def test_a_queue_has_locks_without_event_loops(blocks):
    gradio_private.close_event_loops()
    assert isinstance(blocks.queue()._queue.pending_message_lock, asyncio.Lock)


def test_an_idle_queue_looks_seldom_for_what_to_do(blocks):
    queue = blocks.queue()._queue
    assert 0 < queue.sleep_when_free < 0.05 > queue.progress_update_sleep_when_free
    gradio_private.rest(blocks)
    assert queue.sleep_when_free == queue.progress_update_sleep_when_free == 0.05


def test_the_data_of_an_event_are_those_that_the_page_sent():
    sent = {"settings": {"norm": "BN"}}
    assert gradio_private.data_of(gr.EventData(None, sent)) == sent


def test_an_endpoint_is_validated(blocks):
    def check(text):
        return [None]

    with blocks:
        gradio_private.validate(blocks.endpoint, check)
    function = blocks.fns[blocks.endpoint["id"]]
    assert function.api_name == "echo" and function.validator is check


def test_a_stream_is_read_while_its_messages_leave_the_queue(blocks):
    messages = blocks.queue()._queue.pending_messages_per_session
    for name, waiting in (("slow", ["a row"]), ("fast", [])):
        messages[name] = queue.Queue()
        for message in waiting:
            messages[name].put(message)
    token = LocalContext.blocks.set(blocks)
    read = {
        name: gradio_private.is_read(SimpleNamespace(session_hash=name))
        for name in ("slow", "fast", "new")
    }
    LocalContext.blocks.reset(token)
    assert read == {"slow": False, "fast": True, "new": True}


@pytest.fixture
def client(blocks, monkeypatch):
    """Client of an app with these blocks, and with the template of Gradio's page as it is."""
    environment = gradio.routes.templates.env
    monkeypatch.setattr(environment.loader, "get_source", environment.loader.get_source)
    monkeypatch.setattr(environment, "cache", {})
    app = gradio.routes.App.create_app(blocks)
    blocks.config = {**blocks.get_config_file(), "body_css": {}}
    return TestClient(app)


def test_the_head_of_the_page_begins_with_a_template(client):
    begin = "<!-- {{ request.query_params.get('tab') }} -->"
    gradio_private.begin_page(begin, "<i>", ["curves"])
    head = client.get("/?tab=draw").text.split("<head>")[1].split("</head>")[0]
    assert head.lstrip().startswith("<!-- draw -->")
    assert "<i><script>" in head and '["curves"].includes(query' in head


def test_the_first_files_of_a_kind_are_among_gradios_with_blocks_at_the_end():
    files = gradio_private.first_files("html")
    known = [file for file in files if file.startswith("assets/")]
    assert all((gradio_private.FRONTEND / file).is_file() for file in known)
    page = (gradio_private.FRONTEND / "index.html").read_text("utf-8")
    assert files[0] in page and files[-1].startswith("assets/Blocks-")
    assert any(file.startswith("assets/HTML-") for file in files)
    assert set(gradio_private.first_files()) < set(files)
    assert len(files) == len(set(files)) > 20


def test_one_sheet_has_the_styles_of_all_components_and_no_script_or_style_of_the_page():
    files = gradio_private.first_files("html", "radio")
    text, script = gradio_private.one_sheet(files)
    page = (gradio_private.FRONTEND / "index.html").read_text("utf-8")
    sheets = [file for file in files if file.endswith(".css")]
    assert len(sheets) > 5 and any(file in page for file in sheets)
    for file in sheets:
        own = (gradio_private.FRONTEND / file).read_bytes()
        assert (own in text) == (file in script) == (file not in page)


def test_results_that_nobody_reads_are_forgotten(blocks):
    queue = blocks.queue()._queue
    gradio_private.forget_results(blocks)
    assert queue.ANALYTICS_MAX_EVENTS == 1
    count = gradio_private.MOST_UNREAD + 20
    for number in range(count):
        name = f"session {number}"
        queue.pending_messages_per_session[name] = asyncio.Queue()
        queue.pending_event_ids_session[name] = {name}
        event = SimpleNamespace(session_hash=name, _id=name, alive=True)
        message = ProcessCompletedMessage(output={"data": []}, success=True)
        queue.send_message(event, message)
        if number == 0:  # is read
            queue.pending_messages_per_session[name].get_nowait()
    kept = {name for name in queue.pending_messages_per_session}
    assert len(kept) == gradio_private.MOST_UNREAD + 1 and "session 0" in kept
    assert kept == set(queue.pending_event_ids_session)


def test_a_refusal_of_mcp_quotes_little():
    lowlevel = pytest.importorskip("mcp.server.lowlevel")
    gradio_private.quote_little_for_mcp()
    result = lowlevel.Server("x")._make_error_result("a" * 100_000)
    assert len(str(result)) < 2 * gradio_private.MOST_SAID

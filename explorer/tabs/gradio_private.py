"""Uses of undocumented parts of Gradio. No other file uses any; a test of every use fails when an update breaks it."""

import asyncio
import sys
import traceback
from collections.abc import Callable
from types import SimpleNamespace

import gradio as gr
import gradio.queueing
import gradio.routes
import gradio.utils
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

"""Parts of Gradio that it does not document as stable, each used here and nowhere else; a test of each fails when an update breaks it."""

import asyncio
from collections.abc import Callable

import gradio as gr
import gradio.queueing
import gradio.routes
import gradio.utils
from gradio.context import Context, LocalContext


def take_middleware(cors: type):
    """Puts ASGI middleware in the place of Gradio's for cross-origin requests: Gradio takes none that would stand before its own."""
    gradio.routes.CustomCORSMiddleware = cors


def close_event_loops():
    """Makes Gradio's locks without the event loop that it opens for each and never closes, of which Python complains in the log."""
    gradio.queueing.safe_get_lock = gradio.utils.safe_get_lock = asyncio.Lock
    gradio.queueing.safe_get_stop_event = gradio.utils.safe_get_stop_event = (
        asyncio.Event
    )


def data_of(event: gr.EventData):
    """What a page sent with an event: the attributes of `EventData` are only its keys."""
    return event._data


def validate(endpoint: gr.events.Dependency | dict, check: Callable):
    """Gives an endpoint of `gr.api` a validator, which runs before the call is queued: `gr.api` takes none, its events do."""
    Context.root_block.fns[endpoint["id"]].validator = check


def is_read(request: gr.Request) -> bool:
    """Whether somebody takes the messages for a session out of the queue, as far as that can be seen there."""
    queue = LocalContext.blocks.get()._queue
    messages = queue.pending_messages_per_session.get(request.session_hash)
    return messages is None or messages.empty()

"""Handlers of pages and endpoints whose errors reach people as sentences."""

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import get_origin

import gradio as gr

from train.errors import UserError

NEUTRAL = "Something went wrong on the server; it was logged. Try again."

log = logging.getLogger(__name__)


def worded(error: Exception) -> str:
    """The message of a `UserError`; for any other error, which is logged, one neutral sentence."""
    if isinstance(error, UserError):
        return str(error)
    log.error("an answer failed", exc_info=error)
    return NEUTRAL


def answering(handler: Callable) -> Callable:
    """The handler, but an error is its answer: {"error": sentence}, in a list where the handler returns a list."""
    listed = get_origin(handler.__annotations__.get("return")) is list

    def said(error: Exception) -> dict | list:
        return [{"error": worded(error)}] if listed else {"error": worded(error)}

    @wraps(handler)
    def answer(*args, **kwargs):
        try:
            return handler(*args, **kwargs)
        except Exception as error:  # the last stop before people
            return said(error)

    @wraps(handler)
    async def answer_later(*args, **kwargs):
        try:
            return await handler(*args, **kwargs)
        except Exception as error:  # as above
            return said(error)

    return answer_later if inspect.iscoroutinefunction(handler) else answer


def showing(figures: int) -> Callable:
    """Decorator of a handler that shows words, a column and so many figures in it: an error is its words, and hides the column."""

    def decorated(handler: Callable) -> Callable:
        @wraps(handler)
        def show(*args):
            try:
                return handler(*args)
            except Exception as error:  # as in `answering`
                return worded(error), gr.Column(visible=False), *[None] * figures

        return show

    return decorated


def bound(handler: Callable, *given) -> Callable:
    """The handler with its first arguments given. Name, docstring and other parameters stay: Gradio describes endpoints by them."""

    @wraps(handler)
    def rest(*values, **named):
        return handler(*given, *values, **named)

    signature = inspect.signature(handler)
    parameters = list(signature.parameters.values())[len(given) :]
    rest.__signature__ = signature.replace(parameters=parameters)
    return rest


def checking(validator: Callable) -> Callable:
    """The validator of a Gradio event, which refuses with the message of what it raises; see `worded`."""

    @wraps(validator)
    def check(*args):
        try:
            return validator(*args)
        except Exception as error:  # as in `answering`
            raise UserError(worded(error)) from error

    return check

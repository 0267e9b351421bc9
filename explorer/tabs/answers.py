"""Decorators of handlers: an error is logged or worded, and reaches people as a sentence."""

import inspect
import logging
from collections.abc import Callable
from functools import wraps

import gradio as gr

from explorer.retrain.session import NetworksMissing
from explorer.web.refusals import SENTENCE
from train.errors import UserError

NEUTRAL = "Something went wrong on the server; it was logged. Try again."

log = logging.getLogger(__name__)


def error_sentence(error: Exception) -> str:
    """The message of a `UserError`; for any other error, which is logged, one neutral sentence."""
    if isinstance(error, UserError):
        return str(error)
    log.error("an answer failed", exc_info=error)
    return NEUTRAL


def answering(handler: Callable) -> Callable:
    """Decorator of a handler: an error becomes its answer {"error": sentence}.

    Of `NetworksMissing` the answer has the names as "lost": the page hands these networks back and asks again.
    """
    signature = inspect.signature(handler)
    tables = [one.name for one in signature.parameters.values() if one.annotation is dict]  # fmt: skip

    def check(*args, **kwargs):
        """Raises `UserError` for a question of a page that is none."""
        values = signature.bind(*args, **kwargs).arguments
        if not all(isinstance(values[name], dict) for name in tables):
            raise UserError(SENTENCE)

    def error_record(error: Exception) -> dict:
        record: dict = {"error": error_sentence(error)}
        if isinstance(error, NetworksMissing):
            record["lost"] = error.names
        return record

    @wraps(handler)
    def answer(*args, **kwargs):
        try:
            check(*args, **kwargs)
            return handler(*args, **kwargs)
        except Exception as error:  # shown to people as a sentence
            return error_record(error)

    @wraps(handler)
    async def answer_later(*args, **kwargs):
        try:
            check(*args, **kwargs)
            return await handler(*args, **kwargs)
        except Exception as error:  # as above
            return error_record(error)

    return answer_later if inspect.iscoroutinefunction(handler) else answer


def showing(figures: int) -> Callable:
    """Decorator of a handler that returns a text, a column and so many figures in it: an error becomes the text and hides the column."""

    def decorated(handler: Callable) -> Callable:
        @wraps(handler)
        def show(*args):
            try:
                return handler(*args)
            except Exception as error:  # as in `answering`
                return (
                    error_sentence(error),
                    gr.Column(visible=False),
                    *[None] * figures,
                )

        return show

    return decorated


def bound(handler: Callable, *first) -> Callable:
    """The handler with its first arguments bound. It keeps name, docstring and other parameters, by which Gradio describes endpoints."""

    @wraps(handler)
    def rest(*values, **named):
        return handler(*first, *values, **named)

    signature = inspect.signature(handler)
    parameters = list(signature.parameters.values())[len(first) :]
    rest.__signature__ = signature.replace(parameters=parameters)
    return rest


def checking(validator: Callable) -> Callable:
    """Decorator of the validator of a Gradio event: an error becomes a `UserError` with a sentence; see `error_sentence`."""

    @wraps(validator)
    def check(*args):
        try:
            return validator(*args)
        except Exception as error:  # as in `answering`
            raise UserError(error_sentence(error)) from error

    return check


def unquoted(handler: Callable) -> Callable:
    """Decorator of a handler of a visitor's numbers: an unexpected error keeps its type and its traceback, but not its message, which may quote them."""

    @wraps(handler)
    def handle(*args, **kwargs):
        try:
            return handler(*args, **kwargs)
        except UserError:
            raise
        except Exception as error:
            unexpected = RuntimeError(type(error).__name__)
            raise unexpected.with_traceback(error.__traceback__) from None

    return handle

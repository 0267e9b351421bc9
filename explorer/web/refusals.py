"""Answers to requests that cannot be read: status 400 and a sentence, where Gradio would answer 422, or 500 with a traceback in the log."""

import logging
import traceback
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse

SENTENCE = "The request has a value of a wrong kind, or lacks one."
MOST_QUOTED = 80  # characters
OUTSIDE = "A value is none of those that can be chosen."
# What Gradio's routes raise for bodies of a wrong form; handlers of our own answer all errors themselves.
KINDS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)  # fmt: skip

log = logging.getLogger(__name__)


async def refuse(request: Request, error: Exception) -> JSONResponse:
    """Refusal of a request, for clients that read `error` and for those that read `detail`."""
    *_, (line, number) = traceback.walk_tb(error.__traceback__)
    place = f"{Path(line.f_code.co_filename).name}, line {number}"  # no value of a visitor's
    path = request.scope["path"][:MOST_QUOTED]  # a visitor's text, of any kind
    log.warning("refused %r: %s in %s", path, type(error).__name__, place)
    return refusal(SENTENCE)


def refusal(sentence: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": sentence, "detail": sentence}, status)

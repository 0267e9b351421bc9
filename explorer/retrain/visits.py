"""Visits: the heartbeat of a page, and the networks that it fetches, loads, removes and hands back."""

import base64
import secrets
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from explorer.retrain import messages, session, signing
from explorer.retrain.jobs import JOBS
from explorer.retrain.messages import NOT_THERE
from explorer.retrain.session import SESSIONS
from explorer.runs import device_files
from explorer.runs.checkpoint_files import printable
from train import checkpoint
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError
from train.errors import UserError

MAX_FILE_BYTES = 150_000  # of a loaded file; a checkpoint of the study has 60,000
SERVER = secrets.token_hex(8)  # of this process: pages notice a restart by it


def route(answer) -> Route:
    """Route of the questions of visits, each answered by `answer` as JSON."""

    async def visit(request: Request) -> JSONResponse:
        try:
            question = await request.json()
        except (ValueError, RecursionError):
            question = None
        return JSONResponse(await run_in_threadpool(answer, question))

    return Route("/visit", visit, methods=["POST"])


def answer(build: str, question) -> dict:
    """Answer to a question of a page; `build` names the code that the server runs. Raises `UserError`."""
    match question:
        case {"view": "beat", "visit": str(secret), "own": list(names)}:
            JOBS.touch(secret)
            networks = SESSIONS.networks(secret)
            return {
                "server": SERVER,
                "build": build,
                "networks": list(networks.checkpoints),
                "missing": session.missing(networks, names),
                "most": session.MAX_NETWORKS,
            }
        case {"view": "file", "visit": str(secret), "name": str(name)}:
            return kept(secret, name)
        case {"view": "remove", "visit": str(secret), "name": str(name)}:
            SESSIONS.remove(secret, name)
            return {}
        case {
            "view": "load",
            "visit": str(secret),
            "last": int(last),
            "file": str(file),
            "content": str(content),
        }:
            network, trained = loaded(file, content)
            return kept(secret, SESSIONS.add(secret, network, trained, last))
        case {
            "view": "put back",
            "visit": str(secret),
            "name": str(name),
            "content": str(content),
        }:
            network, trained = loaded(name, content)
            SESSIONS.put_back(secret, name, network, trained)
            return {"trained": trained}
    raise UserError(NOT_THERE)


def kept(secret: str, name: str) -> dict:
    """Record of a network of a session with all that its page keeps: its file, signed where this explorer trained it, and its weights for the device."""
    networks = session.own({"visit": secret, "own": [name]})
    if name not in networks.checkpoints:
        raise UserError(NOT_THERE)
    network = networks.checkpoints[name]
    sign = signing.signed if name in networks.trained else checkpoint.to_bytes
    return messages.own(networks, name) | {
        "file": network.name + SUFFIX,
        "content": base64.b64encode(sign(network)).decode(),
        "weights": base64.b64encode(device_files.weights([network])).decode(),
    }


def loaded(name: str, content: str) -> tuple[Checkpoint, bool]:
    """The verified checkpoint in a file, whose content comes as base64, and whether this explorer trained it.

    Raises `CheckpointError` and `DataError`.
    """
    name = name[:120]
    if len(content) * 3 // 4 > MAX_FILE_BYTES:
        raise CheckpointError(
            f"{name}: larger than {MAX_FILE_BYTES:,} bytes, which no network of this kind is."
        )
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError as error:
        raise CheckpointError(f"{name}: it arrived damaged.") from error
    try:
        network = session.verified(checkpoint.from_bytes(data, name))
    except CheckpointError as error:  # quotes the file
        raise CheckpointError(printable(str(error))) from error
    is_signed = signing.is_signed(data)
    return replace(network, claimed=not is_signed), is_signed

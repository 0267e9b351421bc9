"""Requests of the page and of programs: to train, to stop, and to load, download or remove a network."""

import base64
from collections import deque
from collections.abc import Callable
from functools import partial

from explorer.retrain import (
    hyperparameters,
    messages,
    reference_runs,
    session,
    training,
)
from explorer.retrain.hyperparameters import SettingsError
from explorer.retrain.jobs import JOBS, Job
from explorer.retrain.messages import NOT_THERE
from explorer.retrain.session import SESSIONS
from explorer.retrain.training import Progress
from explorer.runs.results import Results
from train import checkpoint
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError
from train.errors import UserError
from train.study import Trial

MORE_SEEDS = 2  # that one request adds
MAX_FILE_BYTES = 150_000  # of a loaded file; a checkpoint of the study has 60,000


def checked(settings: dict, device) -> tuple[Trial, str]:
    """The requested trial and device, checked. Raises `SettingsError`."""
    trial, allowed = hyperparameters.trial_of(settings), training.devices()
    if device not in allowed:
        raise SettingsError(f"Device must be one of {', '.join(allowed)}.")
    return trial, device


def submit_for_page(
    results: Results, request, to_error: Callable[[Exception], str]
) -> Job:
    """The queued job of a page's request; `to_error` turns an exception of the training into a sentence. Raises `UserError`."""
    match request:
        case {"settings": dict(settings), "visit": str(secret), "device": device}:
            session.check_secret(secret)
        case _:
            raise UserError(NOT_THERE)
    first, kind = checked(settings, device)
    runs, taken, number = [], set(), 1
    if request.get("more"):
        runs, number = SESSIONS.runs(secret, first), MORE_SEEDS
        # A committed run that is repeated adds nothing to what is known.
        taken = {run.trial.seed for run in runs}
        taken |= reference_runs.committed_seeds(results, first)
    return JOBS.submit(
        Job(
            owner=secret,
            trials=deque(hyperparameters.fresh(first, taken, number)),
            kind=kind,
            to_message=partial(page_message, results, secret, runs),
            to_error=to_error,
        )
    )


def page_message(
    results: Results, secret: str, runs: list[Checkpoint], progress: Progress
) -> dict:
    """Message to the page on a training. A network that is trained joins the session and `runs`."""
    message = messages.to_page(results, progress)
    if not progress.result:
        return message
    name = SESSIONS.add(secret, progress.result)
    runs.append(progress.result)
    return message | messages.end(results, secret, name, runs)


def submit_for_program(
    owner: str, settings: dict, device, to_error: Callable[[Exception], str]
) -> Job:
    """The queued job of a program, which trains one network; `to_error` as in `submit_for_page`. Raises `UserError`."""
    trial, kind = checked(settings, device)
    return JOBS.submit(
        Job(
            owner=owner,
            trials=deque([trial]),
            kind=kind,
            to_message=messages.to_program,
            to_error=to_error,
        )
    )


def answer(results: Results, question: dict) -> dict:
    """Answer to a question of the page. Raises `UserError`."""
    if not isinstance(question, dict):
        raise UserError(NOT_THERE)
    secret = question.get("visit", "")
    match question:
        case {"view": "check", "settings": dict(settings), "device": device}:
            return {"price": training.price(*checked(settings, device))}
        case {"view": "begin"}:
            jobs = [job.name for job in JOBS.of(secret)]
            return {"slow": training.slow(), "jobs": jobs, "own": messages.own(secret)}
        case {"view": "stop", "job": str(name)}:
            JOBS.stop(JOBS.find(name, secret))
            return {}
        case {"view": "file", "name": str(name)}:
            network = session.find(results, question, name)
            content = base64.b64encode(checkpoint.to_bytes(network)).decode()
            return {"file": network.name + SUFFIX, "content": content}
        case {"view": "remove", "name": str(name)}:
            SESSIONS.remove(secret, name)
        case {"view": "load", "file": str(name), "content": str(content)}:
            SESSIONS.add(secret, loaded(name, content))
        case _:
            raise UserError(NOT_THERE)
    return {"own": messages.own(secret)}


def loaded(name: str, content: str) -> Checkpoint:
    """The verified checkpoint in a file, whose content comes as base64. Raises `CheckpointError` and `DataError`."""
    name = name[:120]
    if len(content) * 3 // 4 > MAX_FILE_BYTES:
        raise CheckpointError(
            f"{name}: larger than {MAX_FILE_BYTES:,} bytes, which no network of this kind is."
        )
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError as error:
        raise CheckpointError(f"{name}: it arrived damaged.") from error
    return session.verified(checkpoint.from_bytes(data, name))

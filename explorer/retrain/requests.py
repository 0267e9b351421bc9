"""Requests of the page and of programs to train and to stop."""

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
from explorer.retrain.jobs import JOBS, MAX_STREAMED, Job
from explorer.retrain.messages import NOT_THERE
from explorer.retrain.session import SESSIONS
from explorer.retrain.training import Progress
from explorer.runs.results import Results
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.study import Trial

MORE_SEEDS = 2  # that one request adds
MOST_SEEDS = 20  # that are added at most where the page wants `UNTIL_DECIDED`
UNTIL_DECIDED = "until decided"


def checked(settings: dict, device) -> tuple[Trial, str]:
    """The requested trial and device, checked. Raises `SettingsError`."""
    trial, allowed = hyperparameters.trial_of(settings), training.devices()
    if device not in allowed:
        raise SettingsError(f"Device must be one of {', '.join(allowed)}.")
    return trial, device


def submit_for_page(
    results: Results,
    request,
    to_error: Callable[[Exception], str],
    address: str | None = None,
) -> Job:
    """The queued job of a page's request from an address; `to_error` turns an exception of the training into a sentence. Raises `UserError`."""
    match request:
        case {
            "settings": dict(settings),
            "visit": str(secret),
            "device": device,
            "last": int(last),
        }:
            session.check_secret(secret)
        case _:
            raise UserError(NOT_THERE)
    first, kind = checked(settings, device)
    runs, taken, number = [], set(), 1
    more = request.get("more")
    if more:
        runs = SESSIONS.runs(secret, first)
        number = MOST_SEEDS if more == UNTIL_DECIDED else MORE_SEEDS
        # A committed run that is repeated adds nothing to what is known.
        taken = {run.trial.seed for run in runs}
        taken |= reference_runs.committed_seeds(results, first)
    return JOBS.submit(
        Job(
            owner=secret,
            trials=deque(hyperparameters.fresh(first, taken, number)),
            kind=kind,
            to_message=partial(page_message, results, secret, runs, last),
            to_error=to_error,
            is_enough=lambda message: more == UNTIL_DECIDED and message["decided"],
            address=address,
        )
    )


def page_message(
    results: Results,
    secret: str,
    runs: list[Checkpoint],
    last: int,
    progress: Progress,
) -> dict:
    """Message to the page on a training. A network that is trained joins the session, with a number above `last`, and `runs`."""
    message = messages.to_page(results, progress)
    if not progress.result:
        return message
    name = SESSIONS.add(secret, progress.result, trained=True, above=last)
    runs.append(progress.result)
    return message | messages.end(results, name, runs)


def submit_for_program(
    owner: str,
    settings: dict,
    device,
    to_error: Callable[[Exception], str],
    address: str | None = None,
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
            address=address,
        ),
        MAX_STREAMED,
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
            return {"slow": training.slow(), "jobs": jobs}
        case {"view": "stop", "job": str(name)}:
            JOBS.stop(JOBS.find(name, secret))
            return {}
        case _:
            raise UserError(NOT_THERE)

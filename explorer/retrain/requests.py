"""Requests of the page and of programs: a training, and what the page asks for beside one."""

import base64
from collections import deque
from collections.abc import Callable
from functools import partial

from explorer.retrain import hyperparameters, messages, session, training
from explorer.retrain.hyperparameters import SettingsError
from explorer.retrain.jobs import JOBS, Job
from explorer.retrain.messages import NOT_THERE
from explorer.retrain.session import VISITS
from explorer.retrain.training import Run
from explorer.runs.results import Results
from train import checkpoint
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError
from train.errors import UserError
from train.study import Trial

MORE = 2  # seeds that are added at once
LARGEST = 150_000  # bytes of a file that is loaded: a trial of the study has 60,000


def checked(settings: dict, device) -> tuple[Trial, str]:
    """Trial and processor that somebody asks for. Raises `SettingsError`."""
    trial, allowed = hyperparameters.trial_of(settings), training.devices()
    if device not in allowed:
        raise SettingsError(f"Device must be one of {', '.join(allowed)}.")
    return trial, device


def submit_for_page(results: Results, asked, word: Callable[[Exception], str]) -> Job:
    """The job that a page asks for; `word` makes the message of an error while it trains. Raises `UserError`."""
    match asked:
        case {"settings": dict(settings), "visit": str(secret), "device": device}:
            session.check_secret(secret)
        case _:
            raise UserError(NOT_THERE)
    first, kind = checked(settings, device)
    runs = messages.seeds_of(secret, first) if asked.get("more") else []
    number = MORE if asked.get("more") else 1
    taken = {run.trial.seed for run in runs}
    return JOBS.submit(
        Job(
            owner=secret,
            trials=deque(hyperparameters.fresh(first, taken, number)),
            kind=kind,
            tell=partial(tell_page, results, secret, runs),
            word=word,
        )
    )


def tell_page(results: Results, secret: str, runs: list[Checkpoint], run: Run) -> dict:
    """Message to the page about a training, whose network joins the visit and `runs` once it has ended."""
    message = messages.to_page(results, run)
    if not run.result:
        return message
    name = VISITS.add(secret, run.result)
    runs.append(run.result)
    return message | messages.end(results, secret, name, runs)


def submit_for_program(
    owner: str, settings: dict, device, word: Callable[[Exception], str]
) -> Job:
    """The job of one network that a program asks for; `word` as in `submit_for_page`. Raises `UserError`."""
    trial, kind = checked(settings, device)
    return JOBS.submit(
        Job(
            owner=owner,
            trials=deque([trial]),
            kind=kind,
            tell=messages.to_program,
            word=word,
        )
    )


def answer(results: Results, question: dict) -> dict:
    """Answer to a question of the page beside a training. Raises `UserError`."""
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
            found = session.find(results, question, name)
            content = base64.b64encode(checkpoint.to_bytes(found)).decode()
            return {"file": found.name + SUFFIX, "content": content}
        case {"view": "remove", "name": str(name)}:
            VISITS.remove(secret, name)
        case {"view": "load", "file": str(name), "content": str(content)}:
            VISITS.add(secret, loaded(name, content))
        case _:
            raise UserError(NOT_THERE)
    return {"own": messages.own(secret)}


def loaded(name: str, content: str) -> Checkpoint:
    """A network out of a file's content as base64. Raises `CheckpointError` and `DataError`, their messages sentences."""
    name = name[:120]
    if len(content) * 3 // 4 > LARGEST:
        raise CheckpointError(
            f"{name}: larger than {LARGEST:,} bytes, which no network of this kind is."
        )
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError as error:
        raise CheckpointError(f"{name}: it arrived damaged.") from error
    return session.verified(checkpoint.from_bytes(data, name))

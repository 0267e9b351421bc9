"""The Hugging Face Hub: the token, uploads of folders, and a sentence for each of its refusals."""

import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import HfHubHTTPError

from train.errors import UserError

REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*"
TOKENS = "https://huggingface.co/settings/tokens"
AGAIN = "The same command goes on where it stopped: what has arrived is not sent again."


class HubError(UserError):
    """Error for an upload or a download that the Hub refuses, or that broke off."""


def credentials(repo: str) -> str:
    """Token of the environment or the login; raises `HubError` without one, or if `repo` is not owner/name."""
    if not re.fullmatch(REPOSITORY, repo):
        raise HubError(
            f"The repository is named owner/name, such as me/is-the-difference-real; got {repo!r}."
        )
    token = get_token()
    if not token:
        raise HubError(
            f"There is no token: make one that may write at {TOKENS}, then set HF_TOKEN to it or run `hf auth login`."
        )
    return token


def push(
    folder: Path,
    repo: str,
    token: str,
    message: str,
    parts: Sequence[list[str] | None] = (None,),
    **kind: str,
) -> str:
    """Creates the repository of this kind if it does not exist, uploads the folder, and returns the repository's address.

    `parts` are patterns of files that are uploaded one after another: what describes files comes after them. `kind` has the arguments of
    `HfApi.create_repo`, among them `repo_type`. Files that the repository already has are not sent again. Raises `HubError` if the Hub
    refuses or the connection fails.
    """
    api = HfApi(token=token)
    try:
        address = api.create_repo(repo, exist_ok=True, **kind)  # type: ignore[arg-type]
    except HfHubHTTPError as error:
        raise HubError(refused(error, repo)) from error
    except Exception as error:  # of the HTTP client, which depends on the release
        raise HubError(
            f"{constants.ENDPOINT} cannot be reached ({message_of(error)}): try again with a network."
        ) from error
    try:
        for patterns in parts:
            api.upload_folder(
                repo_id=repo,
                repo_type=kind["repo_type"],
                folder_path=folder,
                commit_message=message,
                allow_patterns=patterns,
            )
    except Exception as error:  # of hf_xet and the file system, too
        raise HubError(f"{_broken(error, repo)} {AGAIN}") from error
    return str(address)


def refused(error: HfHubHTTPError, repo: str) -> str:
    """Sentence about an error response of the Hub to an upload, with a remedy."""
    owner = repo.partition("/")[0]
    match status_of(error):
        case 401:
            return f"The Hub does not accept the token: make one that may write at {TOKENS}, and set HF_TOKEN to it."
        case 402:
            return (
                f"The Hub asks {owner} for a paid plan, which Gradio Spaces on CPU need: create {repo} with ZeroGPU on "
                "https://huggingface.co/new-space, then run the same command."
            )
        case 403:
            return f"The token may not write to {repo}: give it the right to write to the repositories of {owner} at {TOKENS}."
        case 404:
            return f"The Hub knows no {owner}, or the token may not see {repo}: check the name and the token."
    return f"The Hub refused {repo} ({message_of(error)})."


def _broken(error: Exception, repo: str) -> str:
    """Sentence about an interrupted upload, from the first response of the Hub in the chain of causes, or the last cause."""
    cause = cause_of(error)
    if isinstance(cause, HfHubHTTPError):
        return refused(cause, repo)
    return f"The upload broke off ({message_of(cause)})."


def cause_of(error: BaseException) -> BaseException:
    """First response of the Hub in the chain of causes, or the last cause."""
    while not isinstance(error, HfHubHTTPError) and error.__cause__:
        error = error.__cause__
    return error


def status_of(error: BaseException) -> int | None:
    """HTTP status of an error that is a response of the Hub."""
    response = getattr(error, "response", None)
    return response.status_code if response is not None else None


def message_of(error: BaseException) -> str:
    """Message of an error in one line of at most 300 characters, or the name of its type."""
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__

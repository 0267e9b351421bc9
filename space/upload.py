"""Upload of the folder to a Space by huggingface_hub."""

import re
from pathlib import Path

from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import HfHubHTTPError

from train.errors import UserError

TOKENS = "https://huggingface.co/settings/tokens"
AGAIN = "The same command goes on where it stopped: what has arrived is not sent again."


class UploadError(UserError):
    """Error for an upload that cannot start or was interrupted."""


def credentials(repo: str) -> str:
    """Token of the environment or the login; raises UploadError without one, or if `repo` is not owner/name."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", repo):
        raise UploadError(
            f"PUSH takes owner/name, such as PUSH=me/is-the-difference-real; got {repo!r}."
        )
    token = get_token()
    if not token:
        raise UploadError(
            f"There is no token: make one that may write at {TOKENS}, then set HF_TOKEN to it or run `hf auth login`."
        )
    return token


def push(folder: Path, repo: str, token: str) -> str:
    """Creates the Space `repo` if it does not exist, uploads the folder, and returns the Space's address.

    Files that the Space already has are not sent again. Raises UploadError if the Hub refuses or the connection fails.
    """
    api = HfApi(token=token)
    try:
        address = api.create_repo(
            repo, repo_type="space", space_sdk="gradio", exist_ok=True
        )
    except HfHubHTTPError as error:
        raise UploadError(refused(error, repo)) from error
    except Exception as error:  # of the HTTP client, which depends on the release
        raise UploadError(
            f"{constants.ENDPOINT} cannot be reached ({message(error)}): try again with a network."
        ) from error
    try:
        api.upload_folder(
            repo_id=repo,
            repo_type="space",
            folder_path=folder,
            commit_message="Update the explorer",
        )
    except Exception as error:  # of hf_xet and the file system, too
        raise UploadError(f"{broken(error, repo)} {AGAIN}") from error
    return str(address)


def refused(error: HfHubHTTPError, repo: str) -> str:
    """Sentence about an error response of the Hub, with a remedy."""
    status = error.response.status_code if error.response is not None else None
    owner = repo.partition("/")[0]
    if status == 401:
        return f"The Hub does not accept the token: make one that may write at {TOKENS}, and set HF_TOKEN to it."
    if status == 402:
        return (
            f"The Hub asks {owner} for a paid plan, which Gradio Spaces on CPU need: create {repo} with ZeroGPU on "
            "https://huggingface.co/new-space, then run the same command."
        )
    if status == 403:
        return f"The token may not write to {repo}: give it the right to write to the Spaces of {owner} at {TOKENS}."
    if status == 404:
        return f"The Hub knows no {owner}, or the token may not see {repo}: check PUSH={repo} and the token."
    return f"The Hub refused {repo} ({message(error)})."


def broken(error: Exception, repo: str) -> str:
    """Sentence about an interrupted upload, from the first response of the Hub in the chain of causes, or the last cause."""
    causes = [error]
    while causes[-1].__cause__:
        causes.append(causes[-1].__cause__)
    for cause in causes:
        if isinstance(cause, HfHubHTTPError):
            return refused(cause, repo)
    return f"The upload broke off ({message(causes[-1])})."


def message(error: Exception) -> str:
    """Message of an error in one line of at most 300 characters, or the name of its type."""
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__

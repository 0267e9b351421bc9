"""Source of the networks: a folder, or a repository of the Hub, in whose place its cached revision or the committed folder serves."""

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
from huggingface_hub import (
    HfApi,
    hf_hub_download,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import disable_progress_bars

from explorer.runs import listing, results
from explorer.runs.checkpoint_files import printable
from explorer.runs.indexed import Rows
from explorer.runs.results import Results
from explorer.web.environment import HUB
from train import checkpoint, hub, index
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.hub import HubError
from train.index import IndexFileError

SECONDS = 10  # that the Hub may take to name the revision
MAIN = "main"
# What is wrong with an address, and not with the way to the Hub.
MISTAKEN = (
    RepositoryNotFoundError,
    RevisionNotFoundError,
    HFValidationError,
    IndexFileError,
)
Revision = tuple[Path, list[dict], list[str]]  # its folder, whole files, and others
log = logging.getLogger(__name__)


def load(address: str | Path, committed: Path = checkpoint.FOLDER) -> Results:
    """Results of a folder, or of `hf://owner/name[@revision]`, with a sentence on which networks these are.

    Of the Hub's revision every file is downloaded that the cache lacks; one that is missing or is not what the index says, after a second
    download, is skipped as a problem. Where the Hub fails, the cached revision serves if it is whole, else the folder `committed`. Raises
    `HubError` if the address names no repository, revision or study, and nothing of it is cached.
    """
    match = HUB.fullmatch(str(address))
    if not match:
        return results.load(address)
    repo, revision = match["repo"], match["revision"] or MAIN
    try:
        folder, rows, problems = _download(repo, revision)
        reason = ""
    except Exception as error:  # of the HTTP client, hf_xet and the file system
        reason = _reason(error)
        folder, rows, problems = _cached(repo, revision)
        if folder is None and isinstance(error, MISTAKEN):
            raise HubError(f"{address}: {reason}") from error
        log.warning("%s: %s", address, reason)
    if folder is None:
        origin = f"The networks are those of the committed folder, because {reason}, and no whole revision of {address} is cached."
        return replace(results.load(committed), origin=origin)
    named = f"The networks are those of {address}, revision {folder.name[:7]}"
    origin = f"{named}, as cached, because {reason}." if reason else f"{named}."
    networks, unread = _networks(folder, {row["path"] for row in rows})
    loaded = results.gather(folder, networks, [*problems, *unread])
    return replace(loaded, origin=origin)


def _networks(folder: Path, paths: set[str]) -> tuple[list[Checkpoint], list[str]]:
    """Networks of these files of a revision, which are those of the index, and a sentence for every file that cannot be read."""
    table = index.read(folder / index.NAME)
    table = table.filter(
        pa.array([path in paths for path in table["path"].to_pylist()], pa.bool_())
    )
    with suppress(ValueError):  # of a trial that cannot be trained
        if not table[f"{index.BINS}{index.QUANTITIES[0]}"].null_count:
            return [*Rows(table, folder).networks()], []
    return listing.read_all(folder, table["path"].to_pylist())  # of the first format


def _download(repo: str, revision: str) -> Revision:
    """The revision in the cache, with what was missing of it."""
    commit = HfApi().model_info(repo, revision=revision, timeout=SECONDS).sha
    assert commit, repo
    again = partial(hf_hub_download, repo, revision=commit, force_download=True)
    folder, index_rows = _index(repo, commit, again)
    _download_missing(repo, commit)
    rows, problems = [], []
    for row in index_rows:
        if problem := _problem(folder, row) and _mended(folder, row, again):
            problems.append(problem)
        else:
            rows.append(row)
    if not rows:
        raise HubError(f"no network of {repo} is whole")
    if not problems:
        _keep(repo, revision, folder)
    return folder, rows, problems


def _index(repo: str, commit: str, again: Callable) -> tuple[Path, list[dict]]:
    """Folder of a commit in the cache, and the rows of its index, which is downloaded again if it cannot be read."""
    try:
        path = Path(hf_hub_download(repo, index.NAME, revision=commit))
    except RemoteEntryNotFoundError as error:
        raise IndexFileError(
            f"the repository has no {index.NAME}, which `train/all.py --push` writes"
        ) from error
    try:
        return path.parent, _rows(path)
    except IndexFileError:
        again(index.NAME)
        return path.parent, _rows(path)


def _rows(path: Path) -> list[dict]:
    return index.read(path).select(["path", "sha256"]).to_pylist()


def _download_missing(repo: str, commit: str):
    """Downloads the networks of a commit that the cache lacks; a connection that ends is tried again, once for all."""
    if not sys.stderr.isatty():  # a log
        disable_progress_bars()
    suffix = f"*{checkpoint.SUFFIX}"
    get = partial(snapshot_download, repo, revision=commit, allow_patterns=suffix)
    try:
        get()
    except RemoteEntryNotFoundError as error:  # of one file; the others follow singly
        log.warning("%s", hub.message_of(error))
    except HfHubHTTPError:  # huggingface_hub tried again what may pass
        raise
    except Exception as error:  # as in `load`
        log.warning("trying again: %s", _reason(error))
        get()


def _problem(folder: Path, row: dict) -> str:
    """Problem of a file that is not the one of its row; "" for the right one."""
    path = printable(row["path"])
    try:
        content = (folder / row["path"]).read_bytes()
    except OSError as error:
        return f"{path}: {error.strerror or 'cannot be read'}"
    right = sha256(content).hexdigest() == row["sha256"]
    return "" if right else f"{path}: its SHA-256 is not the one in {index.NAME}"


def _mended(folder: Path, row: dict, again: Callable) -> str:
    """Problem of a file that a further download did not make the one of its row; "" for the right one."""
    try:
        again(row["path"])
    except RemoteEntryNotFoundError:
        return f"{printable(row['path'])}: not in the repository"
    return _problem(folder, row)


def _keep(repo: str, revision: str, folder: Path):
    """Lets the cache's name of the revision mean this commit, which is whole; until then it means the last one that was."""
    named = try_to_load_from_cache(repo, index.NAME, revision=revision)
    if named != str(folder / index.NAME):
        try:
            hf_hub_download(repo, index.NAME, revision=revision)
        except Exception as error:  # as in `load`; the networks are here all the same
            log.warning("%s is not kept for starts without the Hub: %s", revision, hub.message_of(error))  # fmt: skip


def _cached(repo: str, revision: str) -> Revision | tuple[None, list, list]:
    """The cached revision of that name, if every file of it is here and right."""
    try:
        path = try_to_load_from_cache(repo, index.NAME, revision=revision)
        if not isinstance(path, str):
            return None, [], []
        folder, rows = Path(path).parent, _rows(Path(path))
    except (IndexFileError, HFValidationError):
        return None, [], []
    return (None, [], []) if any(_problem(folder, row) for row in rows) else (folder, rows, [])  # fmt: skip


def _reason(error: Exception) -> str:
    """Reason for a failure, as the end of a sentence."""
    cause = error if isinstance(error, UserError) else hub.cause_of(error)
    match cause:
        case RepositoryNotFoundError():
            return "the Hub has no such repository, or does not show it without a token"
        case RevisionNotFoundError():
            return "the repository has no such revision"
        case UserError() | HFValidationError():
            return hub.message_of(cause)
    status = hub.status_of(cause)
    if status:
        return f"the Hub answers with status {status}"
    return f"nothing could be downloaded from the Hub ({hub.message_of(cause)})"

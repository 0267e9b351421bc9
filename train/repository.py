"""Repository of a study on the Hub: folders of networks by configuration, their index, the card, and how to cite."""

import shutil
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import snapshot_download

from train import card, checkpoint, hub, index
from train.checkpoint import Checkpoint
from train.study import Trial

README = "README.md"


def place_of(trial: Trial) -> str:
    """Path of a trial's file in the repository."""
    return f"{trial.config}/{trial.name}{checkpoint.SUFFIX}"


def prepare(networks: Iterable[Checkpoint], source: Path, folder: Path, repo: str):
    """Fills `folder` with the files of these checkpoints, which are copied from the folder `source`, and with what describes them."""
    rows = []
    for network in networks:
        path = checkpoint.path_of(network.trial, source)
        content = path.read_bytes()
        place = place_of(network.trial)
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(content)
        rows.append(index.row(network, content, place))
    index.write(rows, folder)
    (folder / README).write_text(card.write(rows, repo, index.NAME), "utf-8")
    shutil.copyfile(card.CITATION, folder / card.CITATION.name)


def fetch(repo: str, token: str) -> Path:
    """Folder with the files of the networks in a repository, of which those in the cache are not sent again. Raises `HubError`."""
    try:
        pattern = f"*{checkpoint.SUFFIX}"
        return Path(snapshot_download(repo, allow_patterns=pattern, token=token))
    except Exception as error:  # of the HTTP client and the file system, too
        raise hub.HubError(f"The download broke off ({hub.message_of(error)}).") from error  # fmt: skip


def push(networks: Iterable[Checkpoint], source: Path, repo: str, token: str) -> str:
    """Uploads the files of these checkpoints to the model repository `repo`, as far as it lacks them, and returns its address.

    The index comes after the networks, so that it names none that has not arrived. Raises `HubError`.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(networks, source, folder, repo)
        described = [index.NAME, README, card.CITATION.name]
        parts = [f"*{checkpoint.SUFFIX}"], described
        with warnings.catch_warnings():
            # huggingface_hub takes every Parquet file for a data set.
            warnings.filterwarnings("ignore", "It seems that you are about to commit")
            return hub.push(
                folder, repo, token, "Update the networks", parts, repo_type="model"
            )

"""Upload of the folder to a Space."""

from pathlib import Path

from train import hub


def push(folder: Path, repo: str, token: str) -> str:
    """Creates the Space `repo` if it does not exist, uploads the folder, and returns the Space's address. Raises `HubError`."""
    kind = {"repo_type": "space", "space_sdk": "gradio"}
    return hub.push(folder, repo, token, "Update the explorer", **kind)

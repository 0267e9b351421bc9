"""Where this project lives: its repository or Space, for links and for the commands that get it."""

import os
import tomllib
from functools import cache
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
KEYS = ("Repository", "Homepage")  # of [project.urls], the first that is there


@cache
def source() -> str:
    """Address to clone: of the Space that this is, else from `[project.urls]`; empty where neither is known."""
    if space := os.environ.get("SPACE_ID"):
        return f"https://huggingface.co/spaces/{space}"
    try:
        project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    except OSError:  # a Space may leave the file out
        return ""
    urls = project.get("urls", {})
    return next((urls[key] for key in KEYS if key in urls), "")

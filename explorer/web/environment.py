"""Environment variables of the server: a wrong value ends the program with a sentence."""

import re
import sys
from collections.abc import Mapping

from train.hub import REPOSITORY

# A repository of the Hugging Face Hub, and a branch, a tag or a commit of it.
HUB = re.compile(rf"hf://(?P<repo>{REPOSITORY})(?:@(?P<revision>\w(?:[\w/-]|\.(?!\.))*))?", re.ASCII)  # fmt: skip


def _number(values: Mapping[str, str], name: str, usual: int, low: int, high: int) -> int:  # fmt: skip
    text = values.get(name) or str(usual)
    if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
        sys.exit(f"{name} must be a number from {low} to {high}; got {text!r}")
    return int(text)


def port(values: Mapping[str, str]) -> int:
    return _number(values, "PORT", 7860, 1, 65535)


def trusted_proxies(values: Mapping[str, str]) -> int:
    """Number of proxies before the server that write X-Forwarded-For; on a Space there is one."""
    usual = 1 if values.get("SPACE_ID") else 0
    return _number(values, "TRUSTED_PROXIES", usual, 0, 9)


def frame_ancestors(values: Mapping[str, str]) -> str:
    """Origins that may frame the page, as in Content-Security-Policy: "" for all, "'none'" for nobody."""
    text = values.get("FRAME_ANCESTORS", "").strip()
    if not re.fullmatch(r"[\w.:/*' -]*", text, re.ASCII):
        sys.exit(f"FRAME_ANCESTORS must be origins, divided by blanks; got {text!r}")
    return text


def checkpoints(values: Mapping[str, str], usual: str) -> str:
    """Folder of checkpoints, or an address that `HUB` matches."""
    text = values.get("CHECKPOINTS") or usual
    if re.match(r"hf:|\w+://", text) and not HUB.fullmatch(text):
        sys.exit(f"CHECKPOINTS must be a folder or hf://owner/name[@revision]; got {text!r}")  # fmt: skip
    return text

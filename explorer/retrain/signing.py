"""Signatures of files: they tell networks that this explorer trained from those of which only the file says so.

The signature of a file is the HMAC-SHA256 of a fixed label and of the file's checksum, in hexadecimal digits; it is the entry
"signature" of the header. The checksum covers every weight and every other entry of the header, figures and history included
(`train.checkpoint`), so that no part of a signed file can be changed. A visitor who changes a file can make its checksum anew, but
not its signature. The key is the environment variable `SIGNING_KEY`, else a file in the user's cache folder that only the user may
read; without either it lasts as long as the process. Files signed with another key are taken as files without a signature.
"""

import hmac
import logging
import os
import secrets
import stat
import threading
from functools import cache
from pathlib import Path

from train import checkpoint
from train.checkpoint import SIGNATURE, Checkpoint

VARIABLE = "SIGNING_KEY"
LABEL = b"trained by this explorer\0"

FINDING = threading.Lock()

log = logging.getLogger(__name__)


def signed(network: Checkpoint) -> bytes:
    """Content of the file of a network that this explorer trained."""
    return checkpoint.to_bytes(network, _signature)


def is_signed(content: bytes) -> bool:
    """Whether this explorer signed the content of a file, which `checkpoint.from_bytes` has read: its checksum is right."""
    header = checkpoint.header_of(content)
    expected = _signature(header["sha256"]).encode()
    return hmac.compare_digest(header.get(SIGNATURE, "").encode(), expected)


def _signature(checksum: str) -> str:
    return hmac.digest(key(), LABEL + checksum.encode(), "sha256").hex()


def key() -> bytes:
    """The key of this process."""
    with FINDING:  # once
        return _found()


@cache
def _found() -> bytes:
    if given := os.environ.get(VARIABLE):
        return given.encode()
    try:
        return _kept(_file())
    except (OSError, RuntimeError) as error:  # RuntimeError: a user without a home
        log.warning(
            f"Trained networks are not recognised after a restart: their signing key cannot be kept ({error}). Set {VARIABLE}."
        )
        return secrets.token_bytes(32)


def _file() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "mnist-norm-study" / "signing.key"


def _kept(file: Path) -> bytes:
    """The key in a file, which is written where there is none. Raises `OSError`, also where others may read the file."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        _write(file, secrets.token_bytes(32))
    status = file.stat()
    if hasattr(os, "getuid") and (
        status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077
    ):
        raise PermissionError(f"others may read {file}")
    kept = file.read_bytes()
    if len(kept) != 32:
        raise OSError(f"{file} holds no key")
    return kept


def _write(file: Path, content: bytes):
    """Writes a file that only the user may read, whole or not at all; another process's, written meanwhile, stays."""
    partial = file.with_name(f".{file.name}.{secrets.token_hex(8)}.partial")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(partial, flags, 0o600), "wb") as opened:
            opened.write(content)
        os.link(partial, file)  # fails where the file is there, as renaming would not
    except FileExistsError:
        pass
    finally:
        partial.unlink(missing_ok=True)

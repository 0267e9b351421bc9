"""Files of a folder of checkpoints: which they are, and text out of them that is shown."""

from pathlib import Path

from train import checkpoint

POINTER = b"version https://git-lfs.github.com/spec/"
MOST_QUOTED = 300  # characters


def files(folder: Path) -> list[Path]:
    """Files of checkpoints in a folder and its subfolders, but for hidden ones, by name."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() == checkpoint.SUFFIX
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def printable(text: str) -> str:
    """Text out of a file for one line of a log or a page: without control characters, and not longer than `MOST_QUOTED`."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return shown if len(shown) <= MOST_QUOTED else f"{shown[:MOST_QUOTED]} ..."


def is_pointer(path: Path) -> bool:
    """True for a Git LFS pointer, which a clone without Git LFS has instead of the file."""
    if not path.is_file():  # opening a pipe would wait for ever
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(POINTER)) == POINTER
    except OSError:  # `train.checkpoint.load` reports an unreadable file
        return False

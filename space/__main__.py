"""`python -m space [--push OWNER/NAME]`: prepares the folder of a Space in build/space, checks it, and uploads it."""

import argparse
import sys
from pathlib import Path

from space import folder as folders
from space import upload
from space.checks import check
from train import hub
from train.errors import UserError


def main():
    parser = argparse.ArgumentParser(prog="python -m space", description=__doc__)
    parser.add_argument(
        "--push", metavar="OWNER/NAME", help="the Space to upload the folder to"
    )
    repo = parser.parse_args().push
    try:
        token = hub.credentials(repo) if repo else None
        folders.prepare()
        if problems := check(folders.FOLDER):
            sys.exit("\n".join(problems))
        print(listing(folders.FOLDER))
        if repo:
            print(f"Uploaded to {upload.push(folders.FOLDER, repo, token)}")
    except UserError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped.")


def listing(folder: Path) -> str:
    """Lines with the number of files and bytes of the folder's entries, and their sum."""
    entries = [
        (path.name, folders.files(path) or [path]) for path in sorted(folder.iterdir())
    ]
    rows = [
        *entries,
        (
            f"{folder.relative_to(folders.ROOT)}, every check passed",
            folders.files(folder),
        ),
    ]
    return "\n".join(
        f"{len(paths):5} files {sum(path.stat().st_size for path in paths):11,} bytes  {name}"
        for name, paths in rows
    )


if __name__ == "__main__":
    main()

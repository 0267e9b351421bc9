"""Static files: the ES modules of `js/`, under an address with the hash of them all, so that browsers cache them for a year."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent / "js"


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 of the names and contents of a folder's modules, its first 12 hexadecimal digits."""
    hashed = hashlib.sha256()
    for module in sorted(folder.glob("*.js")):
        hashed.update(module.name.encode() + b"\0" + module.read_bytes() + b"\0")
    return hashed.hexdigest()[:12]


# Relative to the page, because a proxy may serve the explorer below a path.
ADDRESS = f"web/{digest()}"


class Modules(StaticFiles):
    """Static files with a cache-control header for files that never change."""

    def file_response(self, *args, **kwargs) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


ROUTE = Mount(f"/{ADDRESS}", Modules(directory=FOLDER))
SHELL = f'<script type="module" src="./{ADDRESS}/shell.js"></script>'


def call(module: str, function: str, *arguments: str) -> str:
    """JavaScript that imports a module of `js/` and calls one of its functions; `arguments` are JavaScript expressions."""
    address = f"new URL('{ADDRESS}/{module}.js', document.baseURI)"
    return (
        f"import({address}).then((module) => module.{function}({', '.join(arguments)}))"
    )

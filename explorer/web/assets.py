"""ES modules of `js/` as static files, in a folder named by the hash of them all: browsers keep them for a year."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent / "js"


def digest(folder: Path = FOLDER) -> str:
    """Hash of the names and contents of a folder's modules, 12 hexadecimal digits."""
    hashed = hashlib.sha256()
    for module in sorted(folder.glob("*.js")):
        hashed.update(module.name.encode() + b"\0" + module.read_bytes() + b"\0")
    return hashed.hexdigest()[:12]


# Relative to the page: behind a proxy the explorer may lie below a path of its own.
ADDRESS = f"web/{digest()}"


class Modules(StaticFiles):
    """Static files that never change under their address."""

    def file_response(self, *args, **kwargs) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


ROUTE = Mount(f"/{ADDRESS}", Modules(directory=FOLDER))
SHELL = f'<script type="module" src="./{ADDRESS}/shell.js"></script>'


def call(module: str, function: str, *arguments: str) -> str:
    """JavaScript that Gradio is given: imports a module of `js/` and calls a function of it; arguments are JavaScript."""
    address = f"new URL('{ADDRESS}/{module}.js', document.baseURI)"
    return (
        f"import({address}).then((module) => module.{function}({', '.join(arguments)}))"
    )

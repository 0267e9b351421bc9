"""ES modules of `js/` as static files, in a folder named by the hash of them all: browsers keep them for a year."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "js"
MODULES = sorted(FOLDER.glob("*.js"))


def digest(paths: Iterable[Path]) -> str:
    """Hash of the names and contents of files, 12 hexadecimal digits."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:12]


# Relative to the page: behind a proxy the explorer may lie below a path of its own.
ADDRESS = f"web/{digest(MODULES)}"


async def module(request: Request) -> Response:
    """The module of that name, which never changes under its address."""
    path = FOLDER / request.path_params["name"]
    if path not in MODULES:
        return PlainTextResponse("There is no such module.", 404)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type="text/javascript", headers=headers)


# Not a mount: behind a proxy that strips its path, a mount of static files finds none.
ROUTE = Route(f"/{ADDRESS}/{{name}}", module)
SHELL = f'<script type="module" src="./{ADDRESS}/shell.js"></script>'


def call(module: str, function: str, *arguments: str) -> str:
    """JavaScript that Gradio is given: imports a module of `js/` and calls a function of it; arguments are JavaScript."""
    address = f"new URL('{ADDRESS}/{module}.js', document.baseURI)"
    return (
        f"import({address}).then((module) => module.{function}({', '.join(arguments)}))"
    )

"""Static files: the ES modules of `js/`, under an address with the hash of them all, so that browsers cache them for a year."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "js"
MODULES = sorted(FOLDER.glob("*.js"))


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of the names and contents of files, its first 12 hexadecimal digits."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:12]


# Relative to the page, because a proxy may serve the explorer below a path.
ADDRESS = f"web/{digest(MODULES)}"


async def module(request: Request) -> Response:
    """Response with the module of the path's `name`, to be cached for a year; 404 for any other name."""
    path = FOLDER / request.path_params["name"]
    if path not in MODULES:
        return PlainTextResponse("There is no such module.", 404)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type="text/javascript", headers=headers)


# A route and no mount: behind a proxy that strips its path, a mount of static files serves none.
ROUTE = Route(f"/{ADDRESS}/{{name}}", module)
SHELL = f'<script type="module" src="./{ADDRESS}/shell.js"></script>'


def call(module: str, function: str, *arguments: str) -> str:
    """JavaScript that imports a module of `js/` and calls one of its functions; `arguments` are JavaScript expressions."""
    address = f"new URL('{ADDRESS}/{module}.js', document.baseURI)"
    return (
        f"import({address}).then((module) => module.{function}({', '.join(arguments)}))"
    )

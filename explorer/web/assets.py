"""Static files, which browsers cache for a year: the ES modules of `js/` under an address with the hash of them all, others by their own."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterable
from functools import cache
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
    return FileResponse(path, media_type="text/javascript", headers=FOREVER)


FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
KEPT: dict[str, Callable[[], bytes]] = {}  # files that are made at run time, by name
MAKING = threading.Lock()


def keep(sources: Iterable[bytes], make: Callable[[], bytes]) -> str:
    """Address, relative to the page, of a file that `make` makes when it is first asked for, named by the hash of all that it is made of."""
    hashed = hashlib.sha256()
    for source in sources:
        hashed.update(hashlib.sha256(source).digest())
    name = hashed.hexdigest()[:16]
    KEPT.setdefault(name, cache(make))
    return f"files/{name}"


def kept(request: Request) -> Response:
    """Response with a kept file, to be cached for a year; 404 for any other name."""
    make = KEPT.get(request.path_params["name"])
    if make is None:
        return PlainTextResponse("There is no such file.", 404)
    with MAKING:  # once
        content = make()
    return Response(content, media_type="application/octet-stream", headers=FOREVER)


IMPORT = re.compile(r'(?:from|import) ?"\./([\w.-]+\.js)"')


def imports(*paths: Path) -> list[Path]:
    """ES modules and all that they import statically, each once, those first that are asked for first."""
    found = list(paths)
    for path in found:  # grows meanwhile
        for name in IMPORT.findall(path.read_text("utf-8")):
            if path.with_name(name) not in found:
                found.append(path.with_name(name))
    return found


def modules(*names: str) -> list[str]:
    """Addresses of modules of `js/` and of all that they import."""
    paths = imports(*(FOLDER / f"{name}.js" for name in names))
    return [f"{ADDRESS}/{path.name}" for path in paths]


def preload(addresses: Iterable[str]) -> str:
    """Links that make a browser load files before anything asks for them."""
    return "".join(map(_link, addresses))


def _link(address: str) -> str:
    if address.endswith(".js"):
        return f'<link rel="modulepreload" href="./{address}">'
    if ".css" in address:
        cors = " crossorigin" if address.endswith(".css") else ""  # as Gradio asks
        return f'<link rel="preload" as="style"{cors} href="./{address}">'
    return f'<link rel="preload" as="fetch" crossorigin href="./{address}">'


# Routes and no mount: behind a proxy that strips its path, a mount of static files serves none.
ROUTES = [Route(f"/{ADDRESS}/{{name}}", module), Route("/files/{name}", kept)]
SHELL = f'<script type="module" src="./{ADDRESS}/shell.js"></script>'


def call(module: str, function: str, *arguments: str) -> str:
    """JavaScript that imports a module of `js/` and calls one of its functions; `arguments` are JavaScript expressions."""
    address = f"new URL('{ADDRESS}/{module}.js', document.baseURI)"
    return (
        f"import({address}).then((module) => module.{function}({', '.join(arguments)}))"
    )

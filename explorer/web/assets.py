"""Static files, which browsers cache for a year: the ES modules of `js/` and their bundles under an address with the hash of them all, others by their own."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from explorer.web.bundles import bundle, in_order
from train.data_sets import MNIST, DataSet
from train.errors import UserError

FOLDER = Path(__file__).parent / "js"
MODULES = sorted(FOLDER.glob("*.js"))


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of the names and contents of files, its first 12 hexadecimal digits."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:12]


# Relative to the page, because a proxy may serve the explorer below a path.
ADDRESS = f"web/{digest([*MODULES, Path(bundle.__code__.co_filename)])}"
FIRST = in_order(FOLDER / f"{name}.js" for name in ("start", "pad", "links", "shell"))
WORKER = FOLDER / "device_worker.js"


@cache
def bundles() -> dict[str, bytes]:
    """Bundles by name: what Draw's first votes need, the other pages' modules, and the worker."""
    others = [path for path in MODULES if path != WORKER]
    return {
        "first.js": bundle(FIRST, later="later.js"),
        "later.js": bundle(others, ("first.js", FIRST)),
        WORKER.name: bundle([WORKER]),
    }


async def module(request: Request) -> Response:
    """Response with the bundle, else the module, of the path's `name`, to be cached for a year; 404 for any other name."""
    name = request.path_params["name"]
    if name in bundles():
        return Response(bundles()[name], media_type="text/javascript", headers=FOREVER)
    if FOLDER / name not in MODULES:
        return PlainTextResponse("There is no such module.", 404)
    return FileResponse(FOLDER / name, media_type="text/javascript", headers=FOREVER)


FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
KEPT: dict[str, Callable[[], bytes]] = {}  # files that are made at run time, by name
MAKING = threading.Lock()


def keep(sources: Iterable[bytes], make: Callable[[], bytes], ending: str = "") -> str:
    """Address, relative to the page, of a file that `make` makes when it is first asked for, named by the hash of all that it is made of.

    `ending` is "", or ".css" of a style sheet.
    """
    hashed = hashlib.sha256()
    for source in sources:
        hashed.update(hashlib.sha256(source).digest())
    name = hashed.hexdigest()[:16] + ending
    KEPT.setdefault(name, cache(make))
    return f"files/{name}"


def kept(request: Request) -> Response:
    """Response with a kept file, to be cached for a year; 404 for any other name."""
    name = request.path_params["name"]
    make = KEPT.get(name)
    if make is None:
        return PlainTextResponse("There is no such file.", 404)
    try:
        with MAKING:  # once
            content = make()
    except UserError as error:  # a network that was damaged since the start
        return PlainTextResponse(str(error), 503)
    kind = "text/css" if name.endswith(".css") else "application/octet-stream"
    return Response(content, media_type=kind, headers=FOREVER)


def preload(addresses: Iterable[str], late: bool = False) -> str:
    """Links that make a browser load files before anything asks for them; late, after files of its other links."""
    links = "".join(map(_link, addresses))
    return links.replace("<link ", '<link fetchpriority="low" ') if late else links


def styles(address: str, late: bool = False) -> str:
    """Link to a style sheet; late, for which the page does not wait."""
    waits = """ media="print" onload="this.media = 'all'\"""" if late else ""
    return f'<link rel="stylesheet" crossorigin{waits} href="./{address}">'


def _link(address: str) -> str:
    if address.endswith(".js"):
        return f'<link rel="modulepreload" href="./{address}">'
    if ".css" in address:
        cors = " crossorigin" if address.endswith(".css") else ""  # as Gradio asks
        return f'<link rel="preload" as="style"{cors} href="./{address}">'
    return f'<link rel="preload" as="fetch" crossorigin href="./{address}">'


# Routes and no mount: behind a proxy that strips its path, a mount of static files serves none.
ROUTES = [Route(f"/{ADDRESS}/{{name}}", module), Route("/files/{name}", kept)]
SHELL = f'<script type="module" src="./{ADDRESS}/first.js"></script>'


def data_set(described: DataSet) -> str:
    """Description of a data set in the page's head, for `js/data_set.js`; empty for MNIST, which the page's words are about."""
    if described is MNIST:
        return ""
    words = {
        "name": described.name,
        "noun": described.noun,
        "nouns": described.nouns,
        "classes": described.classes,
        "isDrawn": described.is_drawn,
        "hasDigits": described.has_digits,
    }
    return f'<script type="application/json" id="data-set">{json.dumps(words)}</script>'


def call(module: str, function: str, *arguments: str) -> str:
    """JavaScript that calls a function of a module of the first bundle; `arguments` are JavaScript expressions."""
    address = f"new URL('{ADDRESS}/first.js', document.baseURI)"
    called = f"modules['./{module}.js'].{function}({', '.join(arguments)})"
    return f"import({address}).then(({{ modules }}) => {called})"

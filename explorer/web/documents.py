"""Documents of the project as pages: the report, the protocol and others in Markdown, at the paths that they link each other by."""

import html
import re
from functools import cache, partial
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

ROOT = Path(__file__).parents[2]
REPORT, PROTOCOL, CITATION = "RESULTS.md", "docs/protocol.md", "CITATION.cff"
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".cff": "text/plain"}
STYLE = """
:root { color-scheme: light dark; }
body { max-width: 860px; margin: 0 auto; padding: 16px; font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.25; }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: 14px; }
th, td { padding: 4px 8px; border: 1px solid #8886; }
img { max-width: 100%; background: #fff; }
pre { overflow-x: auto; }
"""


def anchor(heading: str) -> str:
    """Anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def served() -> dict[str, Path]:
    """Files of the project that are served, by their path from its root."""
    paths = [ROOT / REPORT, ROOT / CITATION, *ROOT.glob("docs/*.md")]
    paths += [*ROOT.glob("docs/*.png"), *ROOT.glob("docs/figures/*.svg")]
    return {path.relative_to(ROOT).as_posix(): path for path in paths if path.is_file()}


@cache
def page(path: Path) -> str:
    """A document in Markdown as a page in HTML, with an anchor for each heading."""
    parser = MarkdownIt("commonmark").enable("table")
    text = path.read_text("utf-8")
    tokens = parser.parse(text)
    seen: set[str] = set()
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            name = anchor(inline.content)
            if name not in seen:
                opening.attrSet("id", name)
            seen.add(name)
    title = html.escape(_title(tokens))
    up = "../" * path.relative_to(ROOT).as_posix().count("/")
    body = parser.renderer.render(tokens, parser.options, {})
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f'<nav><a href="{up or "./"}">Is the difference real?</a></nav><main>{body}</main></body></html>'
    )


def _title(tokens: list[Token]) -> str:
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            return inline.content
    return ""


def serve(path: Path, request: Request) -> Response:
    """Response with a document or one of its figures."""
    if path.suffix == ".md":
        return HTMLResponse(page(path))
    return FileResponse(path, media_type=TYPES[path.suffix])


ROUTES = [Route(f"/{name}", partial(serve, path)) for name, path in served().items()]

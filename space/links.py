"""Links of Markdown pages: their addresses, and removal of links without a target."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark").enable("table")
TEXT = r"(?:[^\[\]]|\[[^\]]*\])*"  # one level of brackets: an image in a link
TARGET = r"\(\s*(?:<([^>\n]*)>|([^()\s]*))(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?\s*\)"
INLINE = re.compile(rf"(`+)[^`]*\1|(!?)\[({TEXT})\]({TARGET})", re.S)
REFERENCE = re.compile(rf"(`+)[^`]*\1|!?\[({TEXT})\](?:\[([^\]]*)\])?(?![(:])", re.S)
DEFINITION = re.compile(r"^ {0,3}\[([^\]]+)\]:\s*<?([^>\s]+)>?[^\n]*\n?", re.M)
ANCHOR = re.compile(
    r"<a\b[^>]*\bhref\s*=\s*[\"']?([^\"'\s>]*)[^>]*>(.*?)</a\s*>", re.S | re.I
)
IMAGE = re.compile(r"<img\b[^>]*\bsrc\s*=\s*[\"']?([^\"'\s>]*)[^>]*>", re.S | re.I)
ADDRESS = re.compile(r"<[^>]*\b(?:href|src)\s*=\s*[\"']?([^\"'\s>]*)", re.S | re.I)


def relative(href: str) -> str | None:
    """Path of a relative link, without query and fragment; None for a link to the web or within its page."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else unquote(parts.path) or None


def addresses(text: str) -> Iterator[str]:
    """Addresses of all links and images of a page, in Markdown and in HTML."""
    for block in MARKDOWN.parse(text):
        for token in [block, *(block.children or [])]:
            if token.type in ("html_inline", "html_block"):
                yield from ADDRESS.findall(token.content)
            for name in ("href", "src"):
                if name in token.attrs:
                    yield str(token.attrs[name])


def drop(text: str, keep: Callable[[str], bool]) -> str:
    """Page in which links and images whose address `keep` refuses are replaced by their text; code is unchanged."""
    lines = text.splitlines(keepends=True)
    code = set()
    for block in MARKDOWN.parse(text):
        if block.type in ("fence", "code_block"):
            code |= set(range(*block.map))
    prose, pieces = [], []
    for number, line in enumerate([*lines, None]):
        if line is None or number in code:
            pieces += [("".join(prose), True), (line or "", False)]
            prose = []
        else:
            prose.append(line)
    dropped = {
        label.casefold()
        for piece, is_prose in pieces
        if is_prose
        for label, href in DEFINITION.findall(piece)
        if not keep(href)
    }
    return "".join(
        without(piece, keep, dropped) if is_prose else piece
        for piece, is_prose in pieces
    )


def without(prose: str, keep: Callable[[str], bool], dropped: set[str]) -> str:
    """Prose without the links that `keep` refuses and without the reference links `dropped`."""

    def inline(match: re.Match) -> str:
        if match[1]:
            return match[0]
        label = INLINE.sub(inline, match[3])
        kept = keep(match[5] if match[5] is not None else match[6])
        return f"{match[2]}[{label}]{match[4]}" if kept else label

    def reference(match: re.Match) -> str:
        if match[1] or (match[3] or match[2]).casefold() not in dropped:
            return match[0]
        return match[2]

    prose = INLINE.sub(inline, prose)
    if dropped:
        prose = DEFINITION.sub(
            lambda match: "" if match[1].casefold() in dropped else match[0], prose
        )
        prose = REFERENCE.sub(reference, prose)
    prose = ANCHOR.sub(lambda match: match[0] if keep(match[1]) else match[2], prose)
    return IMAGE.sub(lambda match: match[0] if keep(match[1]) else "", prose)

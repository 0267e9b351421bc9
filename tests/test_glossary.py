"""The glossary: one sentence a term, in alphabetical order."""

import re

from explorer.study import markdown
from explorer.tabs import opening
from explorer.tabs.takeaway import WEB


def test_every_term_has_one_definition_in_alphabetical_order():
    lines = markdown.glossary().splitlines()
    entries = [
        re.fullmatch(r"- \*\*([^*]+)\*\*: ([A-Z0-9].+\.)", line) for line in lines
    ]
    assert None not in entries, lines[entries.index(None)]
    terms = [entry[1] for entry in entries]
    assert terms == sorted(set(terms), key=str.casefold)


def test_a_definition_is_one_sentence():
    for line in markdown.glossary().splitlines():
        assert not re.search(r"[.!?] [A-Z]", line), line


def test_the_main_terms_of_the_pages_are_defined():
    for term in ("network", "configuration", "seed", "study", "margin", "interval"):
        assert f"**{term}**" in markdown.glossary()


def test_every_term_that_a_page_marks_is_defined():
    """The words in `<dfn>` of the pages and of the opening, as glossary.js looks them up."""
    defined = set(re.findall(r"^- \*\*(.+?)\*\*", markdown.glossary(), re.M))
    pages = [path.read_text("utf-8") for path in WEB.glob("*.html")]
    marked = [*re.findall(r"<dfn[^>]*>(.+?)</dfn>", "".join(pages)), *opening.TERMS]
    assert len(marked) > 10
    for word in {word.lower() for word in marked}:
        singulars = (word, word.removesuffix("s"), re.sub("ies$", "y", word))
        assert defined & {*singulars}, word

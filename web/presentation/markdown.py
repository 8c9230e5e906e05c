"""Markdown that a model wrote, as a tree of a few elements. Pure.

markdown-it reads the text, with HTML off; its own renderer is not used. An element is one of ELEMENTS, without
attributes but the address of a link and the first number of a list. Only public addresses become links, and a link that
is named otherwise than its address says where it leads. Images are links: a page loads nothing from elsewhere. Headings
are bold lines, since those of the page are its own.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.wire.visible import legible
from web.presentation import links

log = logging.getLogger(__name__)

ELEMENTS: Final = frozenset(
    {
        "p", "b", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "table", "thead", "tbody", "tr",
        "th", "td", "a", "small",
    }
)  # fmt: skip
MAX_CHARACTERS, MAX_MARKS = 8_192, 1_000
"""A text of more characters or marks stays as it is: reading takes a time that grows with both."""
_MARKS: Final = re.compile(r"[\[\]!*_`~<>|&\\]")
_RENAMED: Final = {"strong": "b", **{f"h{level}": "p" for level in range(1, 7)}}

_READER: Final = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 16}).enable(
    ["table", "strikethrough"]
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element; `href` is set for `a` only."""

    name: str
    children: list["Node"] = field(default_factory=list)
    href: str | None = None
    start: int | None = None
    """Of a list with numbers: the first one, when it is not 1."""


Node = Element | str


def nodes(text: str) -> list[Node]:
    """`text` as a tree. What cannot be read as Markdown is one stretch of text with its links."""
    if len(text) <= MAX_CHARACTERS and len(_MARKS.findall(text)) <= MAX_MARKS:
        try:
            return _tree(_READER.parse(text))
        except Exception:
            log.warning("a text cannot be read as Markdown characters=%d", len(text), exc_info=True)
    return list(_linked(text))


def _tree(tokens: Sequence[Token]) -> list[Node]:
    root: list[Node] = []
    open_: list[list[Node]] = [root]
    for token in tokens:
        here = open_[-1]
        if token.nesting == 1:
            name = _RENAMED.get(token.tag, token.tag)
            known = name in ELEMENTS and not token.hidden  # the paragraph of a tight list is hidden
            element = Element(name, href=_href(token), start=_start(token)) if known else None
            within = here if element is None else element.children
            if element is not None:
                here.append(element)
            if token.type == "heading_open":
                within.append(Element("b"))
                within = within[-1].children  # type: ignore[union-attr]
            open_.append(within)
        elif token.nesting == -1:
            open_.pop()
            if token.type == "link_close":
                _tell_address(open_[-1])
        else:
            here.extend(_leaf(token))
    return root


def _leaf(token: Token) -> list[Node]:
    match token.type:
        case "inline":
            return _tree(token.children or [])
        case "text" | "text_special":
            return list(_linked(token.content))
        case "softbreak" | "hardbreak":
            return [Element("br")]
        case "code_inline":
            return [Element("code", [legible(token.content)])]
        case "fence" | "code_block":
            return [Element("pre", [Element("code", [legible(token.content)])])]
        case "hr":
            return [Element("hr")]
        case "image":
            return _image(token)
        case _:
            return [legible(token.content)]


def _linked(text: str) -> list[Node]:
    return [Element("a", [part.text], part.href) if part.href else part.text for part in links.segments(text)]


def _href(token: Token) -> str | None:
    return str(token.attrGet("href") or "") if token.type == "link_open" else None


def _start(token: Token) -> int | None:
    first = token.attrGet("start")
    return first if isinstance(first, int) else None


def _tell_address(parent: list[Node]) -> None:
    """Let a link that was just closed say where it leads, and take one away that may not lead there."""
    link = parent.pop()
    if not isinstance(link, Element):
        parent.append(link)
        return
    address = link.href or ""
    words = _words(link.children)
    href = links.safe_href(address)
    if href is None:
        parent.extend([*link.children, f" ({legible(address)})"])
        return
    parent.append(Element("a", [words or href], href))
    if words not in (address, href):
        parent.append(Element("small", [f" ({urlsplit(href).hostname})"]))


def _image(token: Token) -> list[Node]:
    address = str(token.attrGet("src") or "")
    words = f"image: {legible(token.content) or 'without a name'}"
    href = links.safe_href(address)
    if href is None:
        return [f"{words} ({legible(address)})"]
    return [Element("a", [words], href), Element("small", [f" ({urlsplit(href).hostname})"])]


def _words(children: Sequence[Node]) -> str:
    return "".join(one if isinstance(one, str) else _words(one.children) for one in children)

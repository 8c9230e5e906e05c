"""Templates to markup: the only module in which text becomes HTML.

`{{value}}` escapes, quotes included. `{{!value}}` accepts only `Markup`, which only this module makes: the words of an
agent cannot become markup by mistake.
"""

import html
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from bottle import SimpleTemplate

from web.presentation.links import safe_href
from web.presentation.markdown import ELEMENTS, Node

VOID = frozenset({"br", "hr"})
_BETWEEN = re.compile(r">\s+<")
FOLDER = Path(__file__).parent / "templates"


class Markup(str):
    """HTML that comes from a template."""

    __slots__ = ()


def compact(markup: Markup) -> Markup:
    """`markup` without the white space between its elements: each would be a node of the page, a hundred rows long."""
    return Markup(_BETWEEN.sub("><", markup))


class _Template(SimpleTemplate):  # type: ignore[misc]  # bottle has no types
    def prepare(self, *args: Any, **keywords: Any) -> None:
        super().prepare(*args, **keywords)
        self._str = _only_markup


def _only_markup(value: object) -> str:
    if not isinstance(value, Markup):
        raise TypeError(f"only markup enters a template unescaped, not {type(value).__name__}")
    return value


class Templates:
    """The templates below one folder, compiled at once; every template knows the names in `shared`."""

    def __init__(self, folder: Path = FOLDER, shared: dict[str, Any] | None = None) -> None:
        self._shared = shared or {}
        # At the start: a mistake shows at once, and a process without privileges need not read files later.
        self._compiled = {
            path.relative_to(folder).with_suffix("").as_posix(): _compile(path) for path in folder.rglob("*.html")
        }

    def render(self, name: str, /, **values: Any) -> Markup:
        """The template `name`, its path below the folder without the suffix; a missing value is a NameError."""
        return Markup(
            self._compiled[name].render(**{**self._shared, "render": self.render, "compact": compact, **values})
        )


def tree(nodes: Iterable[Node]) -> Markup:
    """Elements as markup: only those of the list, without attributes but the address of a link, which is http(s)."""
    return Markup("".join(map(_element, nodes)))


def _element(node: Node) -> str:
    if isinstance(node, str):
        return html.escape(node)
    if node.name not in ELEMENTS:
        raise TypeError(f"{node.name!r} is no element of a text")
    if node.name in VOID:
        return f"<{node.name}>"
    if node.name == "ol" and node.start is not None:
        return f'<ol start="{int(node.start)}">{tree(node.children)}</ol>'
    if node.name != "a":
        return f"<{node.name}>{tree(node.children)}</{node.name}>"
    if safe_href(node.href) is None:
        raise TypeError("an address that may not be clicked")
    attributes = 'class="out" target="_blank" rel="noopener noreferrer nofollow"'
    return f'<a href="{html.escape(node.href or "")}" {attributes}>{tree(node.children)}</a>'


@cache
def _compile(path: Path) -> _Template:
    template = _Template(source=path.read_text(), name=path.name)
    template.co  # noqa: B018 — compiles
    return template

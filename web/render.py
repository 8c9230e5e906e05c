"""Templates in, markup out; the one place where text becomes HTML.

`{{value}}` escapes, quotes included. `{{!value}}` is refused for everything but `Markup`, which only this
module makes: what an agent wrote can not become markup by a slip of the pen.
"""

from functools import cache
from pathlib import Path
from typing import Any

from bottle import SimpleTemplate

FOLDER = Path(__file__).parent / "templates"


class Markup(str):
    """HTML that a template made."""

    __slots__ = ()


class _Template(SimpleTemplate):  # type: ignore[misc]  # bottle has no types
    def prepare(self, *args: Any, **keywords: Any) -> None:
        super().prepare(*args, **keywords)
        self._str = _only_markup


def _only_markup(value: object) -> str:
    if not isinstance(value, Markup):
        raise TypeError(f"only markup goes into a template unescaped, not {type(value).__name__}")
    return value


class Templates:
    """The templates of one folder, compiled at once; `shared` is known to all of them."""

    def __init__(self, folder: Path = FOLDER, shared: dict[str, Any] | None = None) -> None:
        self._shared = shared or {}
        # All at the start: a mistake shows then, and a process that gave up its rights need not read files.
        self._compiled = {path.stem: _compile(path) for path in folder.glob("*.html")}

    def render(self, name: str, /, **values: Any) -> Markup:
        """The template `name` (its file without the ending) with these values; missing ones are a NameError."""
        return Markup(self._compiled[name].render(**{**self._shared, "render": self.render, **values}))


@cache
def _compile(path: Path) -> _Template:
    template = _Template(source=path.read_text(), name=path.name)
    template.co  # noqa: B018 — compiles
    return template

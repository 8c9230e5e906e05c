"""Templates to markup: the only module in which text becomes HTML.

`{{value}}` escapes, quotes included. `{{!value}}` accepts only `Markup`, which only this module makes: the words of an
agent cannot become markup by mistake.
"""

from functools import cache
from pathlib import Path
from typing import Any

from bottle import SimpleTemplate

FOLDER = Path(__file__).parent / "templates"


class Markup(str):
    """HTML that comes from a template."""

    __slots__ = ()


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
        return Markup(self._compiled[name].render(**{**self._shared, "render": self.render, **values}))


@cache
def _compile(path: Path) -> _Template:
    template = _Template(source=path.read_text(), name=path.name)
    template.co  # noqa: B018 — compiles
    return template

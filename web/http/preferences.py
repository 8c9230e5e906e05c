"""What a browser remembers of its reader's choices: colours, the decoration of headings, how times are written. Pure.

Each choice is a cookie of its own. `auto` follows what the browser prefers, until the reader chooses.
"""

from collections.abc import Callable
from dataclasses import dataclass

CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("auto", "dark", "light"),
    "words": ("decorated", "plain"),
    "times": ("relative", "absolute"),
}
"""Every preference with its values, the first of which is the default."""
FORMER = {"mocha": {"theme": "dark"}, "plain": {"theme": "light", "words": "plain"}}
"""What a theme of an earlier version has become."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of one reader."""

    theme: str = "auto"
    words: str = "decorated"
    times: str = "relative"

    @property
    def color_scheme(self) -> str:
        """The value of `color-scheme` for the browser's own parts, such as fields."""
        return "light dark" if self.theme == "auto" else self.theme


def cookie(name: str) -> str:
    """The cookie of a preference."""
    return f"hive_{name}"


def read(cookie_value: Callable[[str], str]) -> Preferences:
    """The preferences in a request's cookies; an unknown value counts as not given."""
    given = {name: cookie_value(cookie(name)) for name in CHOICES}
    former = FORMER.get(given["theme"], {})
    values = {name: value if value in CHOICES[name] else former.get(name) for name, value in given.items()}
    return Preferences(**{name: value for name, value in values.items() if value is not None})

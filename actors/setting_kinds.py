"""What a setting is: a name, a kind that reads its value, and the sentences shown when the value is off.

Standard library only, because every `hive` command reads the settings. Pure: no file, no environment.
"""

import difflib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from harness.wire import sizes
from harness.wire.errors import ErrorCode, HiveError

MASK = "********"
PREFIX = "HIVE_"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SettingsError(HiveError):
    """The settings are wrong: nothing was started. The CLI ends with 2, as for a wrong command line."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(ErrorCode.BAD_REQUEST, message, hint)


class Kind(StrEnum):
    """What a value must look like; also the word for it in the documentation."""

    PATH = "path"
    TEXT = "text"
    URL = "url"
    PORT = "port"
    COUNT = "count"
    NUMBER = "number"
    SIZE = "size"
    SECONDS = "seconds"
    CHOICE = "choice"
    SWITCH = "switch"
    VARIABLES = "variables"


EXPECTED = {
    Kind.PATH: "an absolute path (~ is your home)",
    Kind.TEXT: "a text",
    Kind.URL: "an http:// or https:// URL",
    Kind.PORT: "a port from 0 to 65535",
    Kind.COUNT: "a whole number from 1",
    Kind.NUMBER: "a number above 0",
    Kind.SIZE: "bytes, or an amount such as 512M or 2G",
    Kind.SECONDS: "a number of seconds from 0",
    Kind.SWITCH: "true or false",
    Kind.VARIABLES: "a table of environment variables, or NAME=value words",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table. `default` is the words for the documentation, not the value."""

    name: str
    kind: Kind
    help: str
    default: str
    optional: bool
    choices: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def expected(self) -> str:
        return f"one of {', '.join(self.choices)}" if self.kind is Kind.CHOICE else EXPECTED[self.kind]


def read(setting: Setting, raw: Any, source: str) -> Any:
    """The value in `raw` (a TOML value or a text); an empty text unsets an optional setting. Raises SettingsError."""
    if raw == "" and setting.optional:
        return None
    try:
        return _READERS[setting.kind](raw, setting)
    except (ValueError, TypeError):
        got = "" if setting.kind is Kind.VARIABLES else f", got {raw!r}"  # a value may be a password
        raise SettingsError(
            f"expected {setting.name} to be {setting.expected}{got} (from {source})", _remedy(setting, raw)
        ) from None


def _remedy(setting: Setting, raw: Any) -> str:
    if setting.kind is Kind.CHOICE and (guess := closest(str(raw), setting.choices)):
        return f"did you mean {guess!r}?"
    if setting.kind is Kind.PATH:
        return "begin it with / or ~"
    return f"leave it out for the default: {setting.default}"


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that `word` was probably meant to be; `likeness` is from 0 (any) to 1 (the same)."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)), None)


def shown(setting: Setting, value: Any) -> Any:
    """`value` as it may be printed: a password inside a URL is masked."""
    if isinstance(value, Path):
        return str(value)
    if setting.kind is Kind.VARIABLES:
        return {name: _without_password(text) for name, text in value.items()} or None
    return _without_password(value) if setting.kind is Kind.URL and value else value


def _without_password(text: str) -> str:
    if "@" not in text or "://" not in text:
        return text
    parts = urlsplit(text)
    return urlunsplit(parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}"))


def _path(raw: Any, _: Setting) -> Path:
    path = Path(_text(raw, _)).expanduser()
    if not path.is_absolute():
        raise ValueError
    return path


def _text(raw: Any, _: Setting) -> str:
    if not isinstance(raw, str) or not raw or not raw.isprintable():
        raise ValueError
    return raw


def _url(raw: Any, setting: Setting) -> str:
    parts = urlsplit(_text(raw, setting))
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return parts.geturl()


def _whole(raw: Any, lowest: int, highest: float) -> int:
    number = int(raw) if isinstance(raw, int | str) and not isinstance(raw, bool) else lowest - 1
    if not lowest <= number <= highest:
        raise ValueError
    return number


def _number(raw: Any, setting: Setting) -> float:
    number = _seconds(raw, setting)
    if number == 0:
        raise ValueError
    return number


def _size(raw: Any, _: Setting) -> int:
    if isinstance(raw, bool) or (size := sizes.read(raw)) is None:
        raise ValueError
    return size


def _seconds(raw: Any, _: Setting) -> float:
    number = float(raw) if isinstance(raw, int | float | str) and not isinstance(raw, bool) else -1.0
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def _switch(raw: Any, _: Setting) -> bool:
    # A file has truth values, a flag and a variable have words.
    if not isinstance(raw, bool) and raw not in {"true", "false"}:
        raise ValueError
    return raw in {True, "true"}


def _variables(raw: Any, _: Setting) -> dict[str, str]:
    # A file has a table, a flag and a variable have words.
    words = [] if isinstance(raw, Mapping) else shlex.split(_text(raw, _))
    pairs = raw.items() if isinstance(raw, Mapping) else (word.split("=", 1) for word in words)
    found = dict(pairs)
    if any(
        not _VARIABLE.fullmatch(name) or not isinstance(value, str) or not value.isprintable()
        for name, value in found.items()
    ):
        raise ValueError
    return found


def _choice(raw: Any, setting: Setting) -> str:
    if raw not in setting.choices:
        raise ValueError
    return str(raw)


_READERS = {
    Kind.PATH: _path,
    Kind.TEXT: _text,
    Kind.URL: _url,
    Kind.PORT: lambda raw, _: _whole(raw, 0, 65535),
    Kind.COUNT: lambda raw, _: _whole(raw, 1, float("inf")),
    Kind.NUMBER: _number,
    Kind.SIZE: _size,
    Kind.SECONDS: _seconds,
    Kind.CHOICE: _choice,
    Kind.SWITCH: _switch,
    Kind.VARIABLES: _variables,
}

"""What every value of a client is, before anything else of the hive sees it. Pure.

JSON can spell more than the hive can store, compare or show: half a character, a number beyond 64 bits, a tree without
end. `checked` stands at the door of every socket. Text is mended, so that a truncated emoji costs nobody a message;
numbers and shapes are refused.
"""

import math
from typing import Any

from harness.wire.errors import ErrorCode, HiveError, bad_request

MAX_INT = 2**63 - 1
MIN_INT = -(2**63)

MAX_DEPTH = 64
"""Objects and lists within each other."""

MAX_VALUES = 100_000
"""Values of one frame, keys not counted."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands for half a surrogate pair, and for a control character of the second set, U+0080 to U+009F."""

CUT = "…"
"""What stands for the rest of a tree that is too deep to be shown."""

_INSTEAD = {
    **{number: chr(0x2400 + number) for number in range(0x20) if chr(number) not in "\t\n"},  # its picture: ␛ for ESC
    0x7F: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000)), REPLACEMENT),
}
"""What stands for a character that is none, or that would act on a terminal."""


def checked(frame: dict[str, Any]) -> dict[str, Any]:
    """`frame` with its text mended.

    Raises `bad_request` for a number out of range, and `too_large` for a tree that is too deep or has too many values.
    """
    for value in frame.values():  # most frames are a few short values, which need no copy
        if not (_is_plain(value) if type(value) is str else value is None or value is True or value is False):
            break
    else:
        if "".join(frame).isprintable():
            return frame
    whole: dict[str, Any] = _Walk().of(frame, MAX_DEPTH)
    return whole


def shown(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A value of any origin, such as a row of an older version, as JSON can show it; never fails.

    A number that is none becomes null, one beyond 64 bits a text, and a tree deeper than `depth` is cut.
    """
    return _shown(value, depth)


def weight(value: Any) -> int:
    """About how many bytes a value takes in memory."""
    if isinstance(value, str):
        return 64 + len(value)
    if isinstance(value, dict):
        return 64 + sum(64 + len(key) + weight(inner) for key, inner in value.items())
    if isinstance(value, list):
        return 64 + sum(map(weight, value))
    return 32


def mended(text: str) -> str:
    """`text` of whole characters, none of which acts on a terminal. A line ends with a newline; tabs stay."""
    return text if _is_plain(text) else text.replace("\r\n", "\n").translate(_INSTEAD)


def _is_plain(text: str) -> bool:
    """Whether there is certainly nothing to mend; far cheaper than the translation."""
    return text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()


class _Walk:
    """One pass over one frame; counts what it has seen."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def of(self, value: Any, depth: int) -> Any:
        """The value, mended."""
        kind = type(value)
        if kind is str:
            return mended(value)
        if kind is dict or kind is list:
            if not depth:
                raise _too_large(f"more than {MAX_DEPTH} objects and lists within each other")
            self._left -= len(value)
            if self._left < 0:
                raise _too_large(f"more than {MAX_VALUES} values")
            return self._object(value, depth - 1) if kind is dict else self._list(value, depth - 1)
        if kind is int and not MIN_INT <= value <= MAX_INT:
            raise bad_request("a number of the request is out of range", f"whole numbers are at most {MAX_INT}")
        if kind is float and not math.isfinite(value):
            raise bad_request("a number of the request is out of range", "every number is finite")
        return value

    def _object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        return {mended(key): self.of(inner, depth) for key, inner in value.items()}

    def _list(self, value: list[Any], depth: int) -> list[Any]:
        return [self.of(inner, depth) for inner in value]


def _shown(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not MIN_INT <= value <= MAX_INT:
        return f"{value:x} in hexadecimal"  # the decimal spelling of a long one is refused by Python
    if isinstance(value, dict):
        return {mended(str(key)): _shown(inner, depth - 1) for key, inner in value.items()} if depth else CUT
    if isinstance(value, list | tuple):
        return [_shown(inner, depth - 1) for inner in value] if depth else CUT
    return value


def _too_large(what: str) -> HiveError:
    return HiveError(ErrorCode.TOO_LARGE, f"the request has {what}", "write a file and send its path")

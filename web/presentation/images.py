"""Images in what a tool answered: a link to each, and its bytes. Pure.

What an agent says is an image becomes the answer to a request only when its first bytes are those of that kind.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAGIC: Final = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
"""The kinds that are shown, and how their bytes begin."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image of an event: its number there, its kind, and its size in bytes; None where it was too large to keep."""

    number: int
    kind: str
    size: int | None


def is_image(part: Any) -> bool:
    """Whether a part of an answer is an image."""
    return isinstance(part, Mapping) and part.get("type") == "image" and isinstance(part.get("source"), Mapping)


def described(content: Any) -> tuple[Image, ...]:
    """The images of one answer, numbered within it."""
    return tuple(
        Image(number, kind, None if data is None else len(data)) for number, (kind, data) in enumerate(_images(content))
    )


def found(event: Any, block: int, number: int) -> tuple[str, bytes] | None:
    """Kind and bytes of an image in the block of an event; None where there is none that can be shown."""
    match event:
        case {"kind": "stream", "message": {"message": {"content": list(blocks)}}} if 0 <= block < len(blocks):
            answer = blocks[block]
        case _:
            return None
    every = list(_images(answer.get("content") if isinstance(answer, Mapping) else None))
    if number >= len(every):
        return None
    kind, data = every[number]
    if data is None or not data.startswith(MAGIC.get(kind, ())):
        return None
    return kind, data


def _images(content: Any) -> Iterator[tuple[str, bytes | None]]:
    for part in content if isinstance(content, list) else []:
        if is_image(part):
            source = part["source"]
            yield str(source.get("media_type", "")), _decoded(source.get("data"))


def _decoded(data: Any) -> bytes | None:
    try:
        return base64.b64decode(data, validate=True) or None
    except (TypeError, ValueError, binascii.Error):
        return None

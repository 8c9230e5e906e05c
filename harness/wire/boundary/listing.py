"""Replies that list rows: cut to one frame, so that neither a long row nor many of them take the list away. Pure."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from harness.wire.boundary.frame import shown
from harness.wire.framing import MAX_FRAME_BYTES
from harness.wire.model import Reply

LIST_BYTES = MAX_FRAME_BYTES - 64 * 1024
"""What the rows of one reply may take; the rest of the frame is for what stands around them."""

SHORTENED = (8 * 1024, 512)
"""Characters to which the texts of a list that is too long are cut, one after the other, before rows are left out."""


class ListReply(Reply):
    """`omitted`: how many rows are left out because the frame is full; 0 for the whole list.

    Texts are cut first, and say so; rows go by `rank`, those of the highest first.
    """

    keeps_last: ClassVar[bool] = False
    """Which end of the list stays when rows have to go: the newest stand last in some lists."""

    omitted: int = 0

    @classmethod
    def rank(cls, row: Mapping[str, Any]) -> int:  # noqa: ARG003 — for subclasses
        """How dispensable a row is; all alike by default."""
        return 0

    def as_reply(self) -> dict[str, Any]:
        """The whole reply frame, which fits into the wire's."""
        frame = super().as_reply()
        if _size(frame) <= LIST_BYTES:
            return frame
        frame = shown(frame)
        for most in SHORTENED:
            frame = {key: _shortened(value, most) if isinstance(value, list) else value for key, value in frame.items()}
            if _size(frame) <= LIST_BYTES:
                return frame
        return self._cut(frame)

    def _cut(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The frame with as many rows as fit, its lists in order."""
        left, omitted = LIST_BYTES, self.omitted
        for key, rows in frame.items():
            if not isinstance(rows, list):
                continue
            kept = set()
            order = range(len(rows) - 1, -1, -1) if self.keeps_last else range(len(rows))
            for number in sorted(order, key=lambda number, rows=rows: self.rank(rows[number])):  # type: ignore[misc]
                size = _size(rows[number]) + 1
                if size > left:
                    break
                left -= size
                kept.add(number)
            omitted += len(rows) - len(kept)
            frame[key] = [row for number, row in enumerate(rows) if number in kept]
        return frame | {"omitted": omitted}


def _shortened(value: Any, most: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= most else f"{value[:most]}… ({len(value) - most} more characters)"
    if isinstance(value, list):
        return [_shortened(inner, most) for inner in value]
    if isinstance(value, dict):
        return {key: _shortened(inner, most) for key, inner in value.items()}
    return value


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))

"""Frames as the daemon reads and writes them: those of `harness.wire.framing`, with the fast parser of pydantic.

The CLI and the harness, which start often and speak little, do not load that parser. What it refuses, the patient one
of `framing` decides: half a surrogate pair and deep trees are JSON too.
"""

from typing import Any

from pydantic_core import from_json, to_json

from harness.wire import framing


def encode(frame: dict[str, Any]) -> bytes:
    """One line, newline included. Raises `too_large` as `framing.encode` does."""
    try:
        line = to_json(frame, inf_nan_mode="null") + b"\n"
    except ValueError:
        return framing.encode(frame)
    return line if len(line) <= framing.MAX_FRAME_BYTES else framing.encode(frame)


def decode(line: bytes) -> dict[str, Any]:
    """The object in one line; `bad_request` when it is no UTF-8, no JSON or no object."""
    try:
        frame = from_json(line, allow_inf_nan=False)
    except ValueError:
        return framing.decode(line)
    return frame if isinstance(frame, dict) else framing.decode(line)

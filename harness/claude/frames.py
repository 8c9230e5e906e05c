"""Frames: the JSON lines that Claude Code prints with `--output-format stream-json`. Pure.

The harness works on the raw JSON rather than on parsed classes: the operator's live log then shows exactly what Claude
wrote, unknown kinds included.
"""

from typing import Any

from harness.wire.boundary.frame import shown

Frame = dict[str, Any]

CONTROL_FRAMES = frozenset(
    {"control_request", "control_response", "control_cancel_request", "transcript_mirror", "keep_alive"}
)
"""Frames of the control protocol between the SDK and the CLI; the operator never sees them."""

_BANNER_FIELDS = ("type", "subtype", "session_id", "model", "tools", "mcp_servers", "cwd", "claude_code_version")


def rate_limit_wait_ms(frame: Frame) -> int | None:
    """How long the CLI itself waits before it retries at a rate limit; None for any other frame."""
    if frame.get("subtype") != "api_retry" or frame.get("error") != "rate_limit":
        return None
    return int(frame.get("retry_delay_ms") or 0)


MAX_IMAGE_CHARACTERS = 160 * 1024
"""Base64 of an image that the live log keeps: an event has at most 256 KiB."""


def for_display(frame: Frame, *, max_characters: int = 8_000) -> Frame:
    """The frame for the operator's live log: strings cut to `max_characters`, the start-up banner without its lists.

    Images are kept whole as long as they fit into an event together; of the others nothing is.
    """
    if frame.get("type") == "system" and frame.get("subtype") == "init":
        return {key: frame[key] for key in _BANNER_FIELDS if key in frame}
    cut: Frame = _cut(shown(frame), max_characters)
    return cut


def _cut(value: Any, limit: int, images: list[int] | None = None) -> Any:
    images = [] if images is None else images
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:limit]}… ({len(value) - limit} more characters)"
    if isinstance(value, list):
        return [_cut(inner, limit, images) for inner in value]
    if isinstance(value, dict) and value.get("type") == "base64" and isinstance(value.get("data"), str):
        images.append(len(value["data"]))
        return value if sum(images) <= MAX_IMAGE_CHARACTERS else value | {"data": ""}
    if isinstance(value, dict):
        return {key: _cut(inner, limit, images) for key, inner in value.items()}
    return value

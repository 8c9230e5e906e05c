"""A step as the server-sent events of the Messages API, and failures as its error bodies. Pure."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from .dialogue import Dialogue
from .script import ScriptStep

CHARACTERS_PER_TOKEN = 4
"""A rough measure, good enough for figures that only have to move."""

_FAILURES: dict[str, tuple[int, str, str]] = {
    "overflow": (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "rate_limit": (429, "rate_limit_error", "This request would exceed your account's rate limit."),
    "bad_request": (400, "invalid_request_error", "the request holds what the model does not accept"),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "server_error": (500, "api_error", "Internal server error"),
    "not_found": (404, "not_found_error", "model: no such model"),
    "unauthorized": (401, "authentication_error", "invalid x-api-key"),
}


def failure(step: ScriptStep, now: float) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and body of a step that fails. `now` is Unix seconds.

    `x-should-retry: false` keeps the CLI from retrying for minutes: a script is about what the harness does.
    """
    assert step.fail is not None
    status, kind, message = _FAILURES[step.fail]
    headers = {"x-should-retry": "false"}
    if step.fail == "rate_limit":
        wait = step.reset_seconds or 0
        headers["retry-after"] = str(math.ceil(wait))
        headers["anthropic-ratelimit-unified-status"] = "rejected"
        headers["anthropic-ratelimit-unified-reset"] = str(math.ceil(now + wait))
    return status, headers, {"type": "error", "error": {"type": kind, "message": message}}


def events(step: ScriptStep, dialogue: Dialogue, number: int) -> Iterator[dict[str, Any]]:
    """The events of one answer; `number` makes its ids unique. A slow answer pauses between two text deltas."""
    calls = step.all_calls()
    yield {"type": "message_start", "message": _message(step, dialogue, number)}
    index = 0
    if step.say is not None or not calls:
        yield from _text_block(index, step.say or "…")
        index += 1
    for call in calls:
        name = tool_name(call.call, dialogue)
        block = {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call.input)}
        yield from _block(index, block, [delta])
        index += 1
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": len(step.model_dump_json()) // CHARACTERS_PER_TOKEN},
    }
    yield {"type": "message_stop"}


def _text_block(index: int, text: str) -> Iterator[dict[str, Any]]:
    deltas = [{"type": "text_delta", "text": word} for word in re.findall(r"\s*\S+\s*$|\s*\S+", text)]
    return _block(index, {"type": "text", "text": ""}, deltas)


def _block(index: int, block: dict[str, Any], deltas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": block}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def tool_name(name: str, dialogue: Dialogue) -> str:
    """The offered tool a script means: its full name, or the one that ends in `__name`."""
    if name in dialogue.tools:
        return name
    return next((tool for tool in dialogue.tools if tool.endswith(f"__{name}")), name)


def _message(step: ScriptStep, dialogue: Dialogue, number: int) -> dict[str, Any]:
    total = step.context_tokens or dialogue.size // CHARACTERS_PER_TOKEN
    fresh = min(total, max(1, len(dialogue.opening) // CHARACTERS_PER_TOKEN))
    usage = {
        "input_tokens": fresh,
        "cache_read_input_tokens": total - fresh if dialogue.position or len(dialogue.openings) > 1 else 0,
        "cache_creation_input_tokens": 0 if dialogue.position or len(dialogue.openings) > 1 else total - fresh,
        "output_tokens": 1,
    }
    return {
        "id": f"msg_rehearsal_{number}",
        "type": "message",
        "role": "assistant",
        "model": dialogue.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }

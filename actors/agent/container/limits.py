"""An agent's limits in words: for its row and for the approval."""

import functools
from collections.abc import Callable, Mapping
from typing import TypedDict

from actors.agent.config import memory_bytes
from actors.agent.runtime import Runtime
from harness.wire import sizes
from harness.wire.agent_config import AgentConfig, Limits

NOT_ENFORCED = "not enforced"
"""With these words a runtime's description of a limit begins where the limit does not hold."""


class Shown(TypedDict):
    """The fields of an `ObservedStatus`."""

    limits: dict[str, str]
    not_enforced: tuple[str, ...]


def shown(runtime: Runtime, config: AgentConfig | None) -> Shown:
    """The limits that the container was started with, and those that do not hold here."""
    if config is None:
        return Shown(limits={}, not_enforced=())
    return Shown(limits=in_words(config.limits), not_enforced=_not_enforced(runtime.limits, config.limits))


def in_words(limits: Limits) -> dict[str, str]:
    """Each limit that is set: sizes with a unit, the rest as numbers."""
    found: dict[str, str | None] = {
        "memory": _size(limits.memory, "memory"),
        "cpu": None if limits.cpu is None else f"{limits.cpu:g}",
        "pids": None if limits.pids is None else str(limits.pids),
        "disk": _size(limits.disk, "disk"),
        "end_leftovers": "true" if limits.end_leftovers else None,
        "turn_seconds": None if limits.turn_seconds is None else f"{limits.turn_seconds:g}",
        "turn_tool_calls": None if limits.turn_tool_calls is None else str(limits.turn_tool_calls),
    } | {name: None if value is None else str(value) for name, value in limits if name.endswith("_per_minute")}
    return {name: words for name, words in found.items() if words is not None}


def _size(value: str | int | None, key: str) -> str | None:
    size = memory_bytes(value, key)
    return None if size is None else sizes.words(size)


@functools.lru_cache(maxsize=100)
def _not_enforced(describe: Callable[[Limits], Mapping[str, str]], limits: Limits) -> tuple[str, ...]:
    """Asked once: what a machine enforces does not change while the daemon runs."""
    return tuple(name for name, words in describe(limits).items() if words.startswith(NOT_ENFORCED))

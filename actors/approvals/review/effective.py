"""What a configuration changes in effect: the parsed values before and after, whatever their spelling. Pure.

Every key of the model is compared, so that a key that is added to it later is in the summary as well.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from actors.agent.config import memory_bytes
from actors.agent.container.limits import in_words
from harness.wire.agent_config import AgentConfig, Bind, Limits, McpServer
from harness.wire.network import Network, NetworkMode
from harness.wire.review import EffectiveChange
from harness.wire.tool_rules import USUAL
from harness.wire.visible import visible

MAX_VALUE = 400
"""Characters of one value; a longer one is in `agent.toml`, which is shown in full."""

ORDER = (
    "binds", "network", "env", "extraMcpServers", "allowedTools", "allowedBashPatterns", "limits", "prompt",
    "allowedRecipients", "packages", "model",
)  # fmt: skip
"""The topics in the order of their weight; every other key of the model follows."""

EVERYTHING = {
    "allowedBashPatterns": "every command",
    "allowedTools": "the usual tools",
    "allowedRecipients": "everybody",
    "compact_tokens": "three quarters of the window",
    "prompt": "none",
}
"""What a key that is left out means."""

_REACH = (NetworkMode.NONE, NetworkMode.PROXIED, NetworkMode.HOST)
"""Modes of the network, from the one that reaches least."""


def effective(before: AgentConfig | None, after: AgentConfig) -> list[EffectiveChange]:
    """What differs in effect. Without a configuration before, what the new agent is given, its defaults included."""
    old, new = {} if before is None else flat(before), flat(after)
    keys = sorted(old.keys() | new.keys(), key=_rank)
    return [
        EffectiveChange(
            topic=topic,
            name=None if name is None else visible(name),
            before=old.get((topic, name)),
            after=new.get((topic, name)),
            widens=_widens(topic, name, before, after),
        )
        for topic, name in keys
        if old.get((topic, name)) != new.get((topic, name))
    ]


def flat(config: AgentConfig) -> dict[tuple[str, str | None], str]:
    """Every value of a configuration as text, by topic and name. Entries of a table have a row each."""
    found: dict[tuple[str, str | None], str] = {}
    for topic in type(config).model_fields:
        for name, value in _entries(topic, getattr(config, topic)):
            found[topic, name] = _cut(value)
    return found


def _entries(topic: str, value: Any) -> list[tuple[str | None, str]]:
    if topic in EVERYTHING and value is None:
        return [(None, EVERYTHING[topic])]
    if isinstance(value, Limits):
        return [*in_words(value).items()] or [(None, "none")]
    if isinstance(value, BaseModel) and topic not in _ROWS:
        return [(key, _plain(one)) for key, one in value if one is not None] or [(None, "none")]
    if topic in _ROWS:
        return _ROWS[topic](value)
    if isinstance(value, Mapping):
        return [(str(key), _plain(one)) for key, one in value.items()]
    return [] if value is None else [(None, _plain(value))]


def _binds(binds: list[Bind]) -> list[tuple[str | None, str]]:
    return [(one.target, f"{one.source} ({'writable' if one.writable else 'read-only'})") for one in binds]


def _servers(servers: dict[str, McpServer]) -> list[tuple[str | None, str]]:
    found: list[tuple[str | None, str]] = []
    for key, server in servers.items():
        words = " ".join([server.command, *(repr(arg) for arg in server.args)])
        tools = "all tools" if "*" in server.allowedTools else f"tools: {_plain(server.allowedTools)}"
        env = f"; env: {_plain(sorted(server.env.items()))}" if server.env else ""
        found.append((key, f"{words}; {tools}{env}"))
    return found


_ROWS: Mapping[str, Callable[[Any], list[tuple[str | None, str]]]] = {"binds": _binds, "extraMcpServers": _servers}


def _plain(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple() | set() | frozenset():
            return ", ".join(_plain(one) for one in value) or "none"
        case BaseModel():
            return ", ".join(f"{key}={_plain(one)}" for key, one in value if one is not None)
        case dict():
            return ", ".join(f"{key}={_plain(one)}" for key, one in value.items())
        case _:
            return str(value)


def _cut(text: str) -> str:
    shown = visible(text)
    more = len(shown) - MAX_VALUE
    return shown if more <= 0 else f"{shown[:MAX_VALUE]}… ({more} more characters, see agent.toml)"


def _rank(key: tuple[str, str | None]) -> tuple[int, str, str]:
    topic, name = key
    return (ORDER.index(topic) if topic in ORDER else len(ORDER), topic, name or "")


def _widens(topic: str, name: str | None, before: AgentConfig | None, after: AgentConfig) -> bool:
    """Whether this change gives the agent more than it had; a new agent had nothing, and less than nothing is never."""
    if topic in _WIDENS:
        return _WIDENS[topic](None if before is None else getattr(before, topic), getattr(after, topic), name)
    return topic not in _HARMLESS and (before is None or getattr(before, topic) != getattr(after, topic))


def _more_in_list(before: list[str] | None, after: list[str] | None, _name: str | None) -> bool:
    """A list of what is allowed; None allows everything."""
    return after is None or (before is not None and not set(after) <= set(before))


def _more_tools(before: list[str] | None, after: list[str] | None, _name: str | None) -> bool:
    """The list of tools replaces the usual ones, which None stands for."""
    if after is None:
        return before is None or not set(USUAL) <= set(before)
    return not set(after) <= set(USUAL if before is None else before)


def _new_key(before: Any, after: Any, name: str | None) -> bool:
    """A table whose entry is new or another one."""
    return name in after and (before is None or before.get(name) != after[name])


def _new_bind(before: list[Bind] | None, after: list[Bind], name: str | None) -> bool:
    kept = [one for one in before or [] if one.target == name]
    return any(one.target == name and one not in kept for one in after)


def _less_limited(before: Limits | None, after: Limits, name: str | None) -> bool:
    """A limit that is gone or larger."""
    if name is None:
        return before is None or after == Limits()
    old, new = (_amount(one, name) for one in (before, after))
    if name == "end_leftovers":
        return bool(old) and not new
    if name.endswith("_per_minute"):  # left out, it is what hive.toml says, which may be more or less
        return old is None or new is None or new > old
    return old is not None and (new is None or new > old)


def _amount(limits: Limits | None, name: str) -> float | None:
    value = getattr(limits, name, None)
    return memory_bytes(value) if isinstance(value, str) else value


def _wider_network(before: Network | None, after: Network, name: str | None) -> bool:
    """A mode that reaches more, or an allowed host more while the proxy stays the way out."""
    if name == "mode":
        return _REACH.index(after.mode) > (0 if before is None else _REACH.index(before.mode))
    stays = before is not None and before.mode is after.mode is NetworkMode.PROXIED
    return stays and before is not None and _more_in_list(before.allow, after.allow, name)


_WIDENS: Mapping[str, Callable[[Any, Any, str | None], bool]] = {
    "allowedBashPatterns": _more_in_list,
    "allowedRecipients": _more_in_list,
    "allowedTools": _more_tools,
    "binds": _new_bind,
    "env": _new_key,
    "extraMcpServers": _new_key,
    "limits": _less_limited,
    "network": _wider_network,
    "packages": lambda before, after, _: bool(set(after) - set(before or [])),
}
_HARMLESS = frozenset({"prompt", "model", "warm_seconds", "autoCompact", "compact_tokens", "notes_limit_bytes"})

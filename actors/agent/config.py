"""From `agent.toml` to the validated `AgentConfig`; the file a new agent starts with.

Pure but for `in_force`, which reads the host's applied copy: what the agent does to its own copy changes nothing.
"""

import difflib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.wire import sizes
from harness.wire.agent_config import AgentConfig, Bind, Limits, McpServer
from harness.wire.errors import bad_request, unavailable
from harness.wire.network import Network

FILE_NAME = "agent.toml"
NO_LIMITS = Limits()

TEMPLATE = """\
# What this agent is. Only the approved version counts: the host reads it there, never from the agent's own copy.
# Everything has a default; a key that is commented out shows it.

# model = "{model}"

# Whom it may write to. Left out: every name. The manager can always be reached; "*" allows broadcasts.
# allowedRecipients = ["manager", "operator"]

# Commands its Bash may run: a program and its first words; * is any text. Left out: every command.
# allowedBashPatterns = ["Bash(git status *)", "Bash(make test)"]

# The tools of Claude Code it has; the list replaces the usual ones and adds nothing to them. Left out: Bash, Edit,
# Glob, Grep, Read, Write. Task, WebFetch and WebSearch it has only if they are named here.
# allowedTools = ["Bash", "Edit", "Glob", "Grep", "Read", "Write", "WebFetch", "WebSearch"]

# Claude stays up this long after a turn, so that the next one starts at once.
# warm_seconds = 300

# The conversation is compacted when three quarters of the model's window are full, or at so many tokens.
# autoCompact = true
# compact_tokens = 120000

# A new session is given so much of the end of its notes.md; when the file is longer, the agent is told to shorten it.
# notes_limit_bytes = 65536

# Appended to the system prompt; at most 192 KiB.
# prompt = "You look after the tests."

# Debian packages its system has beside the usual ones. Only where it has a system of its own: runtime nspawn.
# packages = ["graphviz", "shellcheck"]

# What it may use. A key that is left out is the hive's setting: agent_memory, agent_cpu, agent_pids, agent_disk,
# agent_turn_seconds, agent_turn_tool_calls, agent_end_leftovers. `disk` is for its folders and its log together; at
# 80 % it is told, at 100 % it is paused. A turn that takes too long or calls too many tools is cancelled and counts as
# failed. With end_leftovers, what a turn leaves running (`nohup server &`) is ended with the turn.
# [limits]
# memory = "2G"
# cpu = 2.0
# pids = 256
# disk = "5G"
# turn_seconds = 1800
# turn_tool_calls = 200
# end_leftovers = false
# messages_per_minute = 12000
# events_per_minute = 60000
# questions_per_minute = 600
# reminders_per_minute = 600
# bytes_per_minute = 536870912

# What it may reach beside the model. "proxied", the default: public hosts, recorded; allow narrows it. "none": nothing.
# "host": all that this machine reaches, its own services included; the API key is then in its environment. The
# runtime process has "host" only.
# [network]
# mode = "proxied"
# allow = ["github.com", "*.example.org"]

# A value "secret:NAME" is taken from the secret store (`hive secret set NAME`); never write a password here.
# [env]
# EDITOR = "true"

# [[binds]]
# source = "/srv/project"
# target = "/srv/project"
# writable = false

# [extraMcpServers.files]
# command = "mcp-server-files"
# args = ["/shared"]
# env = {{ FILES_TOKEN = "secret:FILES_TOKEN" }}
# allowedTools = ["*"]
"""


def template(default_model: str) -> str:
    """The configuration of a new agent, every key explained."""
    return TEMPLATE.format(model=default_model)


def parse(text: str, *, default_model: str, default_limits: Limits = NO_LIMITS) -> AgentConfig:
    """The configuration in `text`, its limits completed by the defaults.

    `bad_request` with one friendly sentence for the first thing that is off.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise bad_request(f"{FILE_NAME} is no TOML: {error}") from None
    try:
        config = AgentConfig.model_validate({"model": default_model} | table)
        memory_bytes(config.limits.memory)
        memory_bytes(config.limits.disk, "disk")
    except ValidationError as error:
        raise _friendly(error) from None
    return config.model_copy(update={"limits": completed(config.limits, default_limits)})


def completed(limits: Limits, defaults: Limits) -> Limits:
    """These limits, with the default for each that is not set."""
    return defaults.model_copy(update=limits.model_dump(exclude_none=True))


def in_force(applied: Path, *, default_model: str, default_limits: Limits = NO_LIMITS) -> AgentConfig:
    """The configuration the host enforces, from the applied copy at `applied`."""
    try:
        text = applied.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise unavailable(f"the configuration in force cannot be read: {error}", "restore the applied copy") from None
    return parse(text, default_model=default_model, default_limits=default_limits)


def memory_bytes(value: str | int | None, key: str = "memory") -> int | None:
    """`512M`, `2G`, `1000000` → bytes; None stays None. `bad_request`, which names the key, for anything else."""
    if value is None:
        return None
    size = sizes.read(value)
    if size is None:
        raise bad_request(f"{FILE_NAME}: limits.{key}: {value!r} is no amount of {key}", 'write "512M" or "2G"')
    return size


# ---- what went wrong, in words -----------------------------------------------------------------------

_SECTIONS: dict[str, type[BaseModel]] = {
    "limits": Limits,
    "network": Network,
    "binds": Bind,
    "extraMcpServers": McpServer,
}


def _friendly(error: ValidationError) -> Exception:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return bad_request(f"{FILE_NAME}: there is no key {where!r}", _did_you_mean(first["loc"]))
    if first["type"] == "missing":
        return bad_request(f"{FILE_NAME}: {where} is missing")
    reason = first["msg"].removeprefix("Value error, ")
    got = first["input"]
    shown = "" if isinstance(got, dict | list) else f", got {str(got)[:80]!r}"
    return bad_request(f"{FILE_NAME}: {where}: {reason[:1].lower()}{reason[1:]}{shown}")


def _did_you_mean(loc: tuple[Any, ...]) -> str:
    section = _SECTIONS.get(str(loc[0])) if len(loc) > 1 else AgentConfig
    known = list((section or AgentConfig).model_fields)
    by_folded = {name.lower().replace("_", ""): name for name in known}
    word = str(loc[-1]).lower().replace("_", "").replace("-", "")
    close = difflib.get_close_matches(word, by_folded, n=1)
    return f"did you mean {by_folded[close[0]]!r}?" if close else f"it takes: {', '.join(known)}"

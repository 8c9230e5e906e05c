"""What an agent is configured to be: one validated model for `agent.toml`, `agent.nix` and the harness.

The daemon builds it from the approved commit and hands the harness a read-only JSON copy; an agent that
rewrites its copy of the source changes nothing.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .limits import MAX_SERVERS
from .names import check_recipient
from .network import Network

HIVE_TOOLS_KEY = "hive"
"""The MCP key of the hive's own tools; no configured server can take it."""


REFERENCE = "secret:"
"""A variable whose value begins so has the value of the secret that is named after it."""
MIN_COMPACT_TOKENS = 20_000
"""Below it the system prompt and the tools alone would lead to a compaction after every turn."""
MAX_NOTES_BYTES = 1024 * 1024
"""The largest `notes_limit_bytes`: a new session is given that much."""
MAX_PROMPT_BYTES = 192 * 1024
"""The largest `prompt`, UTF-8."""

_SECRET_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def check_secret_name(name: str) -> str:
    """Return `name` if a secret can have it, else raise ValueError."""
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name of a secret: a letter, then letters, digits, _ and -, at most 64")
    return name


def secret_name(value: str) -> str | None:
    """The name in a reference `secret:NAME`, unchecked; None for a value that is none."""
    return value.removeprefix(REFERENCE) if value.startswith(REFERENCE) else None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


PerMinute = Annotated[int, Field(gt=0, le=2**40)]


class Limits(_Part):
    """What an agent may use. Memory and disk in bytes or `512M`/`2G` style; cpu in cores; pids a count.

    The runtime enforces memory, cpu and pids; the daemon measures the disk; the harness ends a turn that takes too long
    or calls too many tools and, with `end_leftovers`, what a turn leaves running. What a minute allows is enforced at
    the agent's socket. None: what `hive.toml` says.
    """

    memory: str | int | None = None
    cpu: Annotated[float, Field(gt=0)] | None = None
    pids: Annotated[int, Field(gt=0)] | None = None
    disk: str | int | None = None
    turn_seconds: Annotated[float, Field(gt=0, le=10**7)] | None = None
    turn_tool_calls: Annotated[int, Field(gt=0, le=10**6)] | None = None
    end_leftovers: bool | None = None
    events_per_minute: PerMinute | None = None
    messages_per_minute: PerMinute | None = None
    questions_per_minute: PerMinute | None = None
    reminders_per_minute: PerMinute | None = None
    bytes_per_minute: PerMinute | None = None


class Bind(_Part):
    """A host path shown to the agent, read-only unless said otherwise."""

    source: str
    target: str
    writable: bool = False


class McpServer(_Part):
    """An extra MCP server; its tools appear as `mcp__<key>__<tool>`. `*` allows all of them."""

    command: str
    args: list[str] = []
    env: dict[str, str] = {}
    allowedTools: list[str] = ["*"]  # noqa: N815 — the spelling of the configuration file

    @property
    def has_secrets(self) -> bool:
        """Whether its variables name a secret. Such a server runs beside the agent's container, not in it."""
        return any(secret_name(value) is not None for value in self.env.values())


def _check_keys(servers: dict[str, McpServer]) -> dict[str, McpServer]:
    if len(servers) > MAX_SERVERS:
        raise ValueError(f"an agent has at most {MAX_SERVERS} servers, these are {len(servers)}")
    for key in servers:
        if key == HIVE_TOOLS_KEY:
            raise ValueError(f"{key!r} is the key of the hive's own tools")
        if not key.replace("-", "").replace("_", "").isalnum() or "__" in key:
            raise ValueError(f"{key!r} is no server key: letters, digits, single - and _")
    return servers


_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,99}")


def _check_package(name: str) -> str:
    """A plain word, so that no installer can take it for an option, a path, a version or a pattern."""
    if not _PACKAGE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a package: letters, digits and + . _ - after a letter or digit")
    return name


def _check_prompt(text: str) -> str:
    """Bounded, because every turn pays for it and the model's window has to hold it beside the work."""
    size = len(text.encode(errors="replace"))
    if size > MAX_PROMPT_BYTES:
        raise ValueError(f"a prompt has at most {MAX_PROMPT_BYTES // 1024} KiB, this one has {size // 1024}")
    return text


class AgentConfig(_Part):
    """Everything the approved configuration says of one agent; the spelling is that of the file."""

    model: str = "haiku"
    allowedRecipients: list[Annotated[str, AfterValidator(check_recipient)]] | None = None  # noqa: N815
    allowedBashPatterns: list[str] | None = None  # noqa: N815
    extraMcpServers: Annotated[dict[str, McpServer], AfterValidator(_check_keys)] = {}  # noqa: N815
    allowedTools: list[str] | None = None  # noqa: N815
    binds: list[Bind] = []
    env: dict[str, str] = {}
    limits: Limits = Limits()
    network: Network = Network()
    warm_seconds: Annotated[float, Field(ge=0)] = 300.0
    autoCompact: bool = True  # noqa: N815
    compact_tokens: Annotated[int, Field(ge=MIN_COMPACT_TOKENS)] | None = None
    notes_limit_bytes: Annotated[int, Field(gt=0, le=MAX_NOTES_BYTES)] = 64 * 1024
    packages: Annotated[list[Annotated[str, AfterValidator(_check_package)]], Field(max_length=100)] = []
    prompt: Annotated[str, AfterValidator(_check_prompt)] | None = None

    def sidecars(self) -> dict[str, str]:
        """The servers that run beside the container: the key of each, and the name of its socket beside `hive.sock`.

        The names are short, because the path of a socket is limited.
        """
        keys = [key for key, server in self.extraMcpServers.items() if server.has_secrets]
        return {key: f"mcp{number}" for number, key in enumerate(keys)}

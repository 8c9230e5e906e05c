"""Programs of MCP servers with secrets that lie where the agent can write. Pure."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.wire.agent_config import AgentConfig

_AGENTS_OWN = ("/agents", "/shared")
_SCRIPTS = frozenset({".py", ".pyz", ".js", ".mjs", ".cjs", ".ts", ".sh", ".rb", ".pl", ".jar"})


def changeable_programs(config: AgentConfig) -> list[str]:
    """The place in `agent.toml` of each such program."""
    return list(_changeable(config))


def _changeable(config: AgentConfig) -> Iterator[str]:
    writable = [PurePosixPath(one) for one in _AGENTS_OWN]
    writable += [PurePosixPath(bind.target) for bind in config.binds if bind.writable]
    for key, server in config.extraMcpServers.items():
        if not server.has_secrets:
            continue
        words = [("command", server.command), *((f"args[{number}]", one) for number, one in enumerate(server.args))]
        for place, word in words:
            path = PurePosixPath(word)
            is_program = place == "command" or path.suffix in _SCRIPTS
            if is_program and any(path.is_relative_to(folder) for folder in writable):
                yield f"extraMcpServers.{key}.{place}"

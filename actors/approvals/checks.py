"""What a configuration must be before the operator is asked about it. Pure, except that it resolves paths.

The operator decides what an agent may see of the host. Refused here are binds that no operator can want: of a path
that does not exist, of the hive's own files, over files that the container needs to run.
"""

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from actors.agent import bash_patterns
from actors.secrets import references
from harness.wire.agent_config import AgentConfig, Bind
from harness.wire.errors import HiveError, bad_request, forbidden
from harness.wire.network import NetworkMode
from harness.wire.tool_rules import USUAL, wrong_server_tool, wrong_tool

MAX_RULES_BYTES = 64 * 1024
"""All allowed patterns and tools of servers together."""
NIX_FILE = "agent.nix"

KEPT_TARGETS = (
    "/agents", "/applied", "/run/hive", "/shared", "/proc", "/sys", "/dev", "/usr", "/bin", "/sbin", "/lib", "/lib64",
    "/etc",
)  # fmt: skip
"""Folders inside a container that belong to the hive or to the system."""


def _resolve(path: Path) -> Path | None:
    try:
        return path.resolve(strict=True)
    except OSError:
        return None


def check_binds(
    binds: Iterable[Bind], *, kept: Iterable[Path], resolve: Callable[[Path], Path | None] = _resolve
) -> None:
    """Raise `bad_request` or `forbidden` for the first invalid bind.

    `kept` are the hive's own folders: no agent may see them, or a folder below or above them. `resolve` follows links;
    None means that the path does not exist.
    """
    reserved = [resolve(path) or path for path in kept]
    for bind in binds:
        source, target = PurePosixPath(bind.source), PurePosixPath(bind.target)
        if not source.is_absolute() or ".." in source.parts:
            raise bad_request(f"binds: {bind.source!r} is no absolute path", "write the path as it is on the host")
        if not target.is_absolute() or ".." in target.parts or len(target.parts) < 2:
            raise bad_request(f"binds: {bind.target!r} is no absolute path below /", "say where the agent shall see it")
        covered = next((one for one in KEPT_TARGETS if _related(target, PurePosixPath(one))), None)
        if covered is not None:
            raise forbidden(f"binds: {bind.target!r} would cover {covered} of the container", "choose another target")
        real = resolve(Path(source))
        if real is None:
            raise bad_request(f"binds: there is no {bind.source!r} on the host", "create it first")
        if any(_related(PurePosixPath(real), PurePosixPath(one)) for one in reserved):
            raise forbidden(f"binds: {bind.source!r} holds files of the hive itself", "choose a folder outside of it")
        if PurePosixPath(real) != source:
            raise bad_request(f"binds: {bind.source!r} goes through a link", f"write {str(real)!r}")


def check_config(text: str, *, parse: Callable[[str], AgentConfig], kept: Iterable[Path]) -> AgentConfig:
    """The configuration of a proposal. Raises HiveError with the reason why it cannot be one."""
    config = parse(text)
    check_tools(config)
    check_compaction(config)
    references.check(config)
    check_binds(config.binds, kept=kept)
    return config


def check_tools(config: AgentConfig) -> None:
    """Raise `bad_request` for the first entry that means nothing to Claude Code, or that allows any program."""
    for tool in config.allowedTools or ():
        instead = wrong_tool(tool)
        if instead is not None:
            raise bad_request(f"allowedTools: {tool[:80]!r} means nothing", instead)
    for key, server in config.extraMcpServers.items():
        for tool in server.allowedTools:
            instead = wrong_server_tool(key, tool)
            if instead is not None:
                raise bad_request(f"extraMcpServers.{key}.allowedTools: {tool[:80]!r} means nothing", instead)
    tools = USUAL if config.allowedTools is None else config.allowedTools
    if config.allowedBashPatterns is not None and "Bash" not in tools:
        raise bad_request("allowedBashPatterns means nothing without the tool Bash", "add Bash to allowedTools")
    if "WebFetch" in tools and config.network.mode is NetworkMode.NONE:
        raise bad_request('WebFetch means nothing with network.mode "none"', "leave one of the two out")
    bash_patterns.check(config.allowedBashPatterns or ())
    _check_size(config)


def _check_size(config: AgentConfig) -> None:
    """Claude Code takes its rules as one argument of its command line, which the system limits."""
    lists = [config.allowedBashPatterns or (), *(server.allowedTools for server in config.extraMcpServers.values())]
    size = sum(len(entry.encode(errors="replace")) for one in lists for entry in one)
    if size > MAX_RULES_BYTES:
        most = f"at most {MAX_RULES_BYTES // 1024} KiB are taken"
        raise bad_request(f"allowedBashPatterns and the servers' allowedTools have {size} bytes together, {most}")


def check_compaction(config: AgentConfig) -> None:
    """Raise `bad_request` for a threshold that nothing looks at."""
    if config.compact_tokens is not None and not config.autoCompact:
        raise bad_request("compact_tokens means nothing with autoCompact = false", "leave one of the two out")


def check_files(paths: Iterable[str]) -> None:
    """Raise `bad_request` for a file that looks like a configuration and is none."""
    if NIX_FILE in paths:
        raise bad_request(f"{NIX_FILE} is not read: the configuration is agent.toml", f"remove {NIX_FILE}")


def refused(error: HiveError) -> HiveError:
    """That error, with the addition that the proposal was not filed."""
    return HiveError(error.code, f"not proposed: {error.message}", error.hint)


def _related(one: PurePosixPath, other: PurePosixPath) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)

"""Free disk, against what the daemon keeps for itself and what the agents may still take by their quotas."""

from pathlib import Path
from typing import TYPE_CHECKING

from actors.cli.doctor.finding import Finding, Level
from actors.cli.doctor.folders import nearest
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import HiveError

if TYPE_CHECKING:
    from actors.agent.workspace.paths import AgentPaths

GIB = 1024**3


def disk(config: DaemonSettings) -> Finding:
    from actors.quotas.free_space import FreeSpace, free_bytes

    place = nearest(config.state_dir)
    free = free_bytes(place)
    text = f"{_gib(free)} free at {place}"
    if FreeSpace(place, config.reserve_bytes).is_full():
        text += f", less than half of reserve_bytes ({_gib(config.reserve_bytes)}): no agent begins a turn"
        return Finding("disk", Level.BAD, text, "free disk space, or set state_dir elsewhere")
    agents, owed = promised(config)
    quotas = f"the quotas of {agents} agents allow" if agents else "the quota of a first agent allows"
    text += f"; {quotas} {_gib(owed)} more"
    if free - config.reserve_bytes < owed:
        return Finding("disk", Level.WARN, text, "free disk space, or lower limits.disk or agent_disk")
    return Finding("disk", Level.OK, text)


def promised(config: DaemonSettings) -> tuple[int, int]:
    """How many agents there are, and the bytes that their quotas let them write beyond what they have.

    Without agents it is the quota of one, the manager, which every hive has.
    """
    from actors.agent.workspace.paths import Workspace

    workspace = Workspace(config.state_dir, config.run_dir)
    names = entries(workspace.applied)
    left = [owed for name in names if (owed := _left(config, workspace.of(name))) is not None]
    return len(left), sum(left) if left else config.agent_disk


def _left(config: DaemonSettings, paths: "AgentPaths") -> int | None:
    from actors.agent import config as agent_config
    from actors.agent.default_limits import default_limits
    from actors.quotas.usage import disk_usage

    try:
        limits = agent_config.in_force(
            paths.applied_config, default_model=config.default_model, default_limits=default_limits(config)
        ).limits
        limit = agent_config.memory_bytes(limits.disk, "disk") or 0
        return max(0, limit - disk_usage(paths).disk_bytes)
    except (HiveError, OSError):
        return None  # what is wrong with one agent is not the disk's


def entries(folder: Path) -> list[str]:
    """The agents of this hive, by their configurations in force; none where there is no hive yet."""
    try:
        return sorted(entry.name for entry in folder.iterdir() if (entry / "agent.toml").is_file())
    except OSError:
        return []


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB // 10 else f"{size // 1024**2} MiB"

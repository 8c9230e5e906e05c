"""The limits of an agent whose configuration sets none: those of the settings, or a share of the machine."""

import os

from actors.daemon_settings import DaemonSettings
from harness.wire.agent_config import Limits

MEMORY_SHARE = 0.5
CPU_SHARE = 0.75
"""One agent alone leaves the rest to the daemon, to the others and to the operator."""
LEAST_MEMORY = 2 * 1024**3
"""What Claude needs in a long session."""


def default_limits(config: DaemonSettings) -> Limits:
    """Of every agent of this hive."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    cores = len(os.sched_getaffinity(0))
    return Limits(
        memory=config.agent_memory or max(LEAST_MEMORY, int(memory * MEMORY_SHARE) // 1024**2 * 1024**2),
        cpu=config.agent_cpu or max(1.0, round(cores * CPU_SHARE, 2)),
        pids=config.agent_pids,
        disk=config.agent_disk,
        turn_seconds=config.agent_turn_seconds,
        end_leftovers=config.agent_end_leftovers,
        turn_tool_calls=config.agent_turn_tool_calls,
    )

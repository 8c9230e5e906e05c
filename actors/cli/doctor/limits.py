"""Limits of memory, cpu and processes: set on a group as a start of an agent does, and read back."""

from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings


def cgroup(config: DaemonSettings) -> Finding:
    from actors.agent.runtime.cgroup import Cgroups

    tried = Cgroups(config.run_dir).trial()
    refused = {name: why for name, why in tried.items() if why is not None}
    if not refused:
        return Finding("cgroup", Level.OK, f"limits of {', '.join(tried)} were set on a process and hold")
    reasons = "; ".join(dict.fromkeys(refused.values()))
    without = "memory is limited per process, pids only in bwrap, cpu is not"
    text = f"no limit of {', '.join(refused)}: {reasons}. Without a group {without}"
    return Finding("cgroup", Level.WARN, text, "run hive as root, or where the service manager delegates groups")

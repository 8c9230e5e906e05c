"""The checks of `hive doctor`, in the order of the report."""

from collections.abc import Callable, Collection, Iterator

from actors.cli.doctor.clocks import clock
from actors.cli.doctor.daemon import daemon
from actors.cli.doctor.disk import disk
from actors.cli.doctor.finding import Finding
from actors.cli.doctor.folders import lock, run_dir, state_dir
from actors.cli.doctor.harness import harness
from actors.cli.doctor.limits import cgroup
from actors.cli.doctor.model import model
from actors.cli.doctor.page import page_libraries
from actors.cli.doctor.port import port
from actors.cli.doctor.programs import chromium, environment, git, python, sqlite
from actors.cli.doctor.sandboxes import boundary, bwrap, nspawn, runtime
from actors.cli.doctor.secrets import secrets
from actors.daemon_settings import DaemonSettings

CHECKS: dict[str, Callable[[DaemonSettings], Finding]] = {
    "python": python, "sqlite": sqlite, "environment": environment, "clock": clock, "state_dir": state_dir,
    "run_dir": run_dir, "lock": lock, "disk": disk, "secrets": secrets, "git": git, "bwrap": bwrap, "nspawn": nspawn,
    "runtime": runtime, "cgroup": cgroup, "harness": harness, "model": model, "port": port, "web": page_libraries,
    "chromium": chromium, "daemon": daemon,
}  # fmt: skip
BOUNDARY = "boundary"
NAMES = (*CHECKS, BOUNDARY)


def examine(config: DaemonSettings, names: Collection[str] = ()) -> Iterator[Finding]:
    """The findings of the named checks, of all where none is named, as they come."""
    wanted = names or NAMES
    for name, check in CHECKS.items():
        if name in wanted:
            yield check(config)
    if BOUNDARY in wanted:
        yield from boundary(config)

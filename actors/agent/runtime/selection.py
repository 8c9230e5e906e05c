"""Which runtime this hive uses. The only place that knows them all."""

import os
from dataclasses import dataclass

from actors.agent.runtime import Runtime, bwrap, nspawn
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.process import ProcessRuntime
from harness.wire.errors import bad_request, unavailable

AUTO = "auto"
RUNTIMES: dict[str, type[Runtime]] = {"process": ProcessRuntime, "bwrap": BwrapRuntime, "nspawn": NspawnRuntime}


@dataclass(frozen=True, slots=True)
class Selected:
    """The runtime to use and what the operator must be told of it."""

    runtime: Runtime
    warning: str | None = None


def select(name: str) -> Selected:
    """The runtime of that name; `auto` takes bwrap where it works. Starts a sandbox once to find out.

    `unavailable` when the one that was asked for does not work here: it is never silently replaced by a weaker one. A
    root daemon runs agents without a sandbox only when the settings say `process`.
    """
    if name not in (AUTO, *RUNTIMES):
        raise bad_request(f"there is no runtime {name!r} here", f"choose one of: {', '.join((AUTO, *RUNTIMES))}")
    if name == "process":
        return Selected(ProcessRuntime(), _unsandboxed("the runtime is set to process"))
    if name == "nspawn":
        if trouble := nspawn.trouble():
            raise unavailable(trouble, "as root: apt install systemd-container mmdebstrap; then `hive image build`")
        return Selected(NspawnRuntime())
    trouble = bwrap.probe()
    if trouble is None:
        return Selected(BwrapRuntime())
    if name == "bwrap":
        raise unavailable(trouble, '`make deps` installs it; `runtime = "process"` does without a sandbox')
    if os.geteuid() == 0:
        raise unavailable(
            f"{trouble}: without a sandbox every agent would be root of this machine",
            '`make deps` installs bubblewrap; to run agents as root all the same, set `runtime = "process"`',
        )
    return Selected(ProcessRuntime(), _unsandboxed(trouble))


def _unsandboxed(reason: str) -> str:
    return f"agents run UNSANDBOXED, with all rights of this user: {reason}"

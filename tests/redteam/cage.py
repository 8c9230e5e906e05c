"""Runs one container with a program of an attacker inside and tells what came of it. A process of its own, so that it can
be the process of another user.

Reads JSON from standard input: `kind`, `place` (a folder of the caller), `text` (the program; none asks how the
runtime enforces `limits`), `binds`, `kept`, `limits`, `look`:
whether to look at the processes while it runs, as soon as it has written `up`. Writes JSON: `lines` that the container
wrote, or `refused`, and `uids`: those of the processes inside, as the host's kernel has them.
"""

import json
import sys
from pathlib import Path

from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace
from harness.wire.agent_config import Bind, Limits
from harness.wire.errors import HiveError
from tests.actors.agent import nspawn_parts
from tests.actors.agent.stand_ins import everything_below, launch, lines_until, wait_end

RUNTIMES = {"bwrap": BwrapRuntime, "nspawn": NspawnRuntime, "process": ProcessRuntime}


def main():
    order = json.load(sys.stdin)
    place = Path(order["place"])
    workspace = Workspace(place / "state", place / "run")
    if order["kind"] == "nspawn" and not (workspace.state_dir / "images").exists():
        nspawn_parts.with_image(workspace)
    runtime = RUNTIMES[order["kind"]]()
    binds = tuple(Bind.model_validate(one) for one in order["binds"])
    limits = Limits.model_validate(order["limits"])
    if order["text"] is None:
        print(json.dumps({"said": runtime.limits(limits)}))
        return
    job = launch(workspace, order["text"], binds=binds, kept=tuple(map(Path, order["kept"])), limits=limits)
    told = {}
    try:
        runtime.create(job)
        container = runtime.start(job)
        if order["look"]:
            lines_until(runtime, job.paths, "up")
            told["uids"] = sorted(_uids_inside(container.pid))
            runtime.stop(container)
        wait_end(runtime, container)
        told["lines"] = [
            line for line in runtime.logs(job.paths, 1000) if not line.startswith("---- ")
        ]  # the shim's own
    except HiveError as error:
        told["refused"] = str(error)
    finally:
        for container in runtime.running(workspace):
            runtime.kill(container)
        runtime.destroy(job.paths)
    print(json.dumps(told))


def _uids_inside(shim):
    """Of every process in a pid namespace of its own: all four uids that the kernel knows of it."""
    found = set()
    for process in everything_below(shim):
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        words = {line.partition(":")[0]: line.split()[1:] for line in status}
        if len(words["NSpid"]) > 1:
            found |= set(map(int, words["Uid"]))
    return found


if __name__ == "__main__":
    main()

"""A daemon to be killed: agents on a real runtime, in a process of its own. `python -m tests.actors.agent.daemon`."""

import sys
from pathlib import Path

from actors.agent.addresses import REGISTRY
from actors.agent.registry import api
from actors.agent.runtime.selection import RUNTIMES
from tests.actors.agent.hive_parts import AgentHive
from tests.actors.agent.stand_ins import CLIENT, program

if __name__ == "__main__":
    folder, runtime = Path(sys.argv[1]), RUNTIMES[sys.argv[2]]()
    hive = AgentHive(runtime, argv=program(CLIENT), folder=folder)
    api.spawn(hive.directory, "alice")
    print("up", flush=True)
    hive.directory.wait(REGISTRY)

"""Run by the Python of an installed hive: what a container of this installation sees of a home.

`inside.py KIND FOLDER HOME ALLOWED…`. Prints JSON: `seen`, how many files of the home are there, and `beyond`, those of
them that lie in none of the allowed places; `python`, what the first `python3` of its PATH says. The program of the
container imports what a harness needs. Nothing of the tests is imported: this runs where there are none.
"""

import sys
from pathlib import Path

from gevent.event import Event

from actors.agent.container.logs import of_last_life
from actors.agent.installation.roots import default_path, harness_command, import_path, program_roots
from actors.agent.runtime import Launch
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace

RUNTIMES = {"bwrap": BwrapRuntime, "nspawn": NspawnRuntime, "process": ProcessRuntime}
LOOK = """
import json, os, shutil, subprocess, sys
sys.path += sys.argv[1].split(":")
import claude_agent_sdk, mcp, pydantic, ssl, harness.main, prompts
found = [os.path.join(around, one) for around, _, files in os.walk(sys.argv[2]) for one in files]
beyond = [one for one in found if not any(one == place or one.startswith(place + "/") for place in sys.argv[3:])]
first = subprocess.run(["python3", "-I", "-c", "import sys; print(sys.version_info[0])"], capture_output=True, text=True)
print(json.dumps({"seen": len(found), "beyond": beyond[:20], "python": first.stdout.strip() or first.stderr}))
"""


def main():
    kind, folder, *places = sys.argv[1:]
    workspace = Workspace(Path(folder) / "state", Path(folder) / "run")
    paths, runtime, ended = workspace.prepare("alice"), RUNTIMES[kind](), Event()
    argv = (*harness_command()[:3], "-B", "-c", LOOK, ":".join(import_path()), *places)
    env = {"PATH": default_path(), "HIVE_NAME": "alice"}
    launch = Launch(paths=paths, argv=argv, env=env, programs=program_roots(None))
    runtime.create(launch)
    container = runtime.start(launch)
    watch = runtime.watch(container, ended.set)
    try:
        ended.wait(60)
        print(of_last_life(runtime.logs(paths, 100))[-1])
    finally:
        watch.cancel()
        runtime.kill(container)
        runtime.destroy(paths)


if __name__ == "__main__":
    main()

"""A whole daemon whose agents are asleep: the containers run a program that does nothing.

`python -m tests.bench.idle_daemon FOLDER`. The program stands where the harness would be, so that the figure is the
daemon's own; the harness's side of the sockets is played by the benchmark.
"""

import sys
from pathlib import Path

import actors.agent.context
from actors.daemon_settings import DaemonSettings
from actors.serve import serve


def main(folder: Path) -> int:
    program = folder / "asleep"
    program.write_text("#!/bin/sh\nexec sleep infinity\n")
    program.chmod(0o755)
    actors.agent.context.harness_command = lambda: (str(program),)
    config = DaemonSettings(
        state_dir=folder / "state", run_dir=folder / "run", runtime="process", web_port=0, log_level="error"
    )

    def ready() -> None:
        print("READY", flush=True)

    return serve(config, on_ready=ready)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

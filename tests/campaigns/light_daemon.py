"""`python -m tests.campaigns.light_daemon FILE`: the daemon, with the light harness in place of the real one."""

import sys
from pathlib import Path

import actors.agent.host

LIGHT = Path(__file__).with_name("light_harness.py")


def program() -> str:
    """A script that starts the light harness; it lies beside it so that nothing has to be cleared up."""
    path = Path(sys.argv[1]).with_name("light-harness")
    if not path.exists():
        path.write_text(f"#!/bin/sh\nexec {sys.executable} -I -S {LIGHT}\n")
        path.chmod(0o755)
    return str(path)


if __name__ == "__main__":
    from actors.cli.main import main as hive

    actors.agent.host.harness_program = program
    hive(["serve", "--config", sys.argv[1]])

"""`python -m tests.campaigns.light_daemon FILE`: the daemon, with the light harness in place of the real one."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import actors.agent.context
from actors.agent.registry import supervisor
from harness.wire.interpreter import interpreter

LIGHT = Path(__file__).with_name("light_harness.py")


def program() -> str:
    """A script that starts the light harness; it lies beside FILE, so that it is removed with it."""
    path = Path(sys.argv[1]).with_name("light-harness")
    if not path.exists():
        path.write_text(f"#!/bin/sh\nexec {interpreter()} -I -S {LIGHT}\n")
        path.chmod(0o755)
    return str(path)


if __name__ == "__main__":
    from actors.cli.main import main as hive

    actors.agent.context.harness_command = lambda: (program(),)
    # A short version of a campaign cannot wait as long as a crash loop really takes.
    flags, hurry = supervisor.AGENT_FLAGS, float(os.environ.get("HIVE_LIGHT_HURRY", "1"))
    backoff = replace(flags.backoff, first=flags.backoff.first / hurry, cap=flags.backoff.cap / hurry)
    supervisor.AGENT_FLAGS = replace(flags, backoff=backoff)
    hive(["serve", "--config", sys.argv[1]])

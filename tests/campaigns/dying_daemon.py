"""`python -m tests.campaigns.dying_daemon FILE`: the daemon, and nothing else while there is no `orders.json` beside FILE.

`die_at` in it names the moment of an approval at which the process kills itself with SIGKILL; `ready_seconds` is how
long a harness may take until it asks for mail.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import actors.agent.context
from actors.agent.installation.roots import harness_command
from actors.agent.registry.actor import RegistryActor
from actors.agent.repos import Meta
from actors.agent.repos.applied import Applied
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.approvals.deployer import DeployerActor
from tests.actors.approvals.dying import arm, die

LISTENING = """
import importlib.util, os, runpy, sys
sys.path[:0] = [place for place in os.environ.get("PYTHONPATH", "").split(":") if place]
if importlib.util.find_spec("sitecustomize"):
    import sitecustomize
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program of hive as its command does, after a `sitecustomize` of the configuration, if there is one."""

AMID = {
    ("tagged", False): (Applied, "mark", "second"),
    ("tagged", True): (Applied, "mark", "second"),
    ("swapped", False): (Applied, "_link", "first"),
    ("swapped", True): (Applied, "_link", "second"),
    ("rebuilt", False): (BwrapRuntime, "start", "first"),
    ("rebuilt", True): (BwrapRuntime, "start", "first"),
    ("recorded", False): (Meta, "record", "first"),
    ("recorded", True): (Applied, "mark", "second"),
    ("unswapped", False): (Applied, "_link", "first"),
    ("unswapped", True): (Applied, "clear", "first"),
    ("restored", False): (BwrapRuntime, "start", "first"),
    ("restored", True): (RegistryActor, "_forget", "first"),
}
"""The call in the middle of each step, of a change and of a spawn (True): its owner, its name, which call of it."""


class Orders:
    """What the test wants of this process; read from the file each time."""

    def __init__(self, path):
        self.path, self.step, self.calls = path, None, 0

    def get(self, key):
        try:
            return json.loads(self.path.read_text()).get(key)
        except FileNotFoundError:
            return None

    def reached(self, moment):
        when, _, step = moment.partition("-")
        self.step, self.calls = (step, 0) if when == "before" else (None, 0)
        if self.get("die_at") == moment:
            die()

    def called(self, owner, name):
        """One of the calls that may be the middle of the present step."""
        wanted = self.get("die_at")
        if wanted is None or wanted != f"amid-{self.step}":
            return
        place, function, time = AMID[self.step, bool(self.get("spawn"))]
        if (place, function) == (owner, name):
            self.calls += 1
            if self.calls == {"first": 1, "second": 2}[time]:
                die()


def listen(orders):
    for owner, name in {(owner, name) for owner, name, _ in AMID.values()}:
        inner = getattr(owner, name)

        def outer(*args, _inner=inner, _place=(owner, name), **kwargs):
            orders.called(*_place)
            return _inner(*args, **kwargs)

        setattr(owner, name, outer)
    await_health = DeployerActor._await_health

    def awaiting(self, perform):
        ready_seconds = orders.get("ready_seconds")
        if ready_seconds is not None:
            self._context = replace(self._context, ready_seconds=ready_seconds)
        await_health(self, perform)

    DeployerActor._await_health = awaiting


if __name__ == "__main__":
    from actors.cli.main import main as hive

    orders = Orders(Path(sys.argv[1]).with_name("orders.json"))
    arm(orders.reached)
    listen(orders)
    # Not isolated: a configuration can then keep the harness from its work by a module of its own.
    command = harness_command()
    actors.agent.context.harness_command = lambda: (*command[:3], "-c", LISTENING, *command[3:])
    hive(["serve", "--config", sys.argv[1]])

"""A whole daemon that is killed with SIGKILL at one moment of a purge. `python -m tests.actors.agent.killed_at_purge`.

Prints nothing; ends by its own signal. The state stays in the folder, for the next daemon.
"""

import os
import signal
import sys
from pathlib import Path

from actors.agent.workspace.paths import Workspace
from actors.broker import api as broker
from tests.actors.agent.hive_parts import Container, FakeRuntime
from tests.actors.whole_hive import WholeHive


class PlacedHive(WholeHive):
    """A hive whose folder outlives it, with the containers that its predecessor left."""

    def __init__(self, place, adopted=()):
        self.at, runtime = Path(place), FakeRuntime()
        for number, name in enumerate(adopted):
            runtime.alive[name] = Container(name, f"old{number}", "fake", 1000 + number, 1)
        super().__init__(runtime, state_dir=self.at / "state", run_dir=self.at / "run")
        self.place.rmdir()
        self.place = self.at


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


MOMENTS = {
    "before the first step": (Workspace, "set_aside"),
    "before the mail": (broker, "end_generation"),
    "before the files": (Workspace, "purge"),
    "between the files": (Workspace, "clear_aside"),
    "after the answer": (None, None),
}
"""What the daemon is killed before."""


if __name__ == "__main__":
    place, moment = sys.argv[1:3]
    hive = PlacedHive(place)
    host = hive.host()
    for name in ("carol", "dave"):
        assert host.ask("spawn", name=name)["ok"]
    hive.agent("dave").ask("send", to="carol", body="for the first")
    carol = hive.agent("carol")
    carol.ask("remind", message="of the first", delay_seconds=3600)
    carol.ask("ask", question="who am I?", to="dave")
    hive.harness("carol").ask("turn_ended", stats={"started_at": "2030-01-01T00:00:00Z", "ended_at": "2030-01-01T00:00:01Z",
                                   "duration_ms": 1000, "outcome": "ok", "cold": True})  # fmt: skip
    assert host.ask("destroy", name="carol", now=True)["ok"]
    owner, attribute = MOMENTS[moment]
    if owner is not None:
        setattr(owner, attribute, die)
    host.ask("purge_tombstone", name="carol")
    die()

"""Fault after fault in the actors that keep the agents, in the middle of their work: all agents come back.

HIVE_TORTURE=1 pytest -s tests/actors/test_upkeep_campaign.py
"""

import random
import resource
import time
from contextlib import contextmanager, suppress

import gevent
import pytest

from actors.agent.registry import api as agents
from actors.agent.registry.children import states
from actors.crashwatch import promises
from actors.supervision import FakeClock, SupervisionError
from harness.wire.errors import HiveError
from tests import torture
from tests.actors.whole_hive import WholeHive

NAMES = ["a0", "a1", "a2", "a3"]
ACTORS = ["registry", "agents", "store", "broker", "crashwatch"]
BELOW = ["", "/container", "/socket"]
FAULTS = 5
"""At most so many in a row: supervisors bear a few more."""
SECONDS = 30.0


class FaultInjector:
    """What a burst does to a hive, drawn from dice; noted, so that a failure can be told."""

    def __init__(self, hive, dice):
        self.hive, self.dice = hive, dice
        self.faults = []

    def burst(self):
        self.faults = []
        with self.spared():
            for _ in range(self.dice.randint(2, FAULTS)):
                self.inject()
                self.pause()

    @contextmanager
    def spared(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            self.hive.runtime.fails = None

    def inject(self):
        what, whom = (
            self.dice.choice(["room", "room", "below", "container", "disk", "sandbox"]),
            self.dice.choice(NAMES),
        )
        match what:
            case "room":
                whom = self.kill(self.dice.choice(ACTORS))
            case "below":
                whom = self.kill(f"agents/{whom}{self.dice.choice(BELOW)}")
            case "container" if whom in self.hive.runtime.alive:
                self.hive.runtime.end(whom, 137)
            case "disk":
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
            case "sandbox":
                self.hive.runtime.fails = OSError("no room")
        self.faults.append((what, whom))

    def kill(self, name):
        actor = self.hive.directory.actor(name)
        if actor is not None:
            actor.kill("by the injector")
        return name

    def pause(self):
        """A few turns of the loop, or a moment in which threads get on, or time for timers."""
        match self.dice.randrange(3):
            case 0:
                for _ in range(self.dice.randrange(12)):
                    gevent.sleep(0)
            case 1:
                gevent.sleep(self.dice.uniform(0, 0.006))
            case 2:
                self.hive.clock.advance(self.dice.uniform(0, 0.3))


def all_well(hive):
    """Everybody runs and nothing speaks against it, at several looks: who was killed a moment ago looks well."""
    for _ in range(5):
        hive.clock.advance(0.2)
        store = hive.directory.actor("store")
        if store is not None:
            store.started.wait(SECONDS)  # by a thread, which no clock of ours hurries
        with suppress(HiveError, SupervisionError):
            rows = agents.rows(hive.directory)
            snapshots = [promises.Agent(one, None) for one in agents.snapshots(hive.directory)]
            notes = [row.note for row in rows if row.note is not None and "did not start" in row.note]
            against = promises.neglected(snapshots, states(hive.directory), hive.clock.now_ms())
            if not notes and not against and all(row.running for row in rows):
                continue
        return False
    return True


@pytest.mark.torture
@pytest.mark.slow
def test_every_agent_comes_back_whatever_was_killed_in_the_middle_of_what():
    rounds, seed = torture.count(quick=12, full=1000), torture.seed()
    hive = WholeHive(clock=FakeClock(), stuck_seconds=0)
    injector, worst = FaultInjector(hive, random.Random(seed)), 0.0
    try:
        hive.settle_in(NAMES)
        for number in range(rounds):
            injector.burst()
            began = time.monotonic()
            while not all_well(hive):
                assert hive.directory.whereis("hive") is not None, (seed, number, injector.faults)
                assert time.monotonic() - began < SECONDS, (seed, number, injector.faults, agents.rows(hive.directory))
            worst = max(worst, time.monotonic() - began)
            hive.clock.advance(200)  # what the supervisors have borne is forgiven
    finally:
        hive.remove()
    print(f"bursts on {len(NAMES) + 1} agents: all came back in {rounds} of {rounds}, worst {worst:.1f} s, seed {seed}")

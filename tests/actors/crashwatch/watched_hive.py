"""A hive of agents over a fake runtime, with its crash watch."""

import json

from actors.agent.container.watcher import WATCHER
from actors.agent.registry import api as agents
from actors.broker import api as broker
from actors.crashwatch.actor import CrashwatchActor
from actors.supervision import settle
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import until

LIMIT = 60.0


class WatchedHive(AgentHive):
    def __init__(self):
        super().__init__()
        self.boot_watch()
        agents.spawn(self.directory, "alice")
        self.told()

    def boot_watch(self):
        actor = CrashwatchActor(directory=self.directory, clock=self.clock, stuck_seconds=LIMIT)
        return self.boot(WATCHER, actor)

    def told(self, event=None):
        """The events about alice that the manager has got since it was asked last."""
        self.settle()
        found = [json.loads(one.body) for one in self.mail("manager") if one.kind == "event"]
        broker.ack_turn(self.directory, "manager")  # else its silence would be the next event
        return [one for one in found if one["agent"] == "alice" and event in (None, one["event"])]

    def settle(self):
        """Until nobody has anything to do: commits and starts come from threads, so the actors are asked as well."""
        for _ in range(3):
            settle()
            for name in ("store", WATCHER, "broker", "registry"):
                if self.directory.whereis(name) is not None:
                    self.directory.ask(name, "are you done?")
            until(lambda: all(one.phase.value != "starting" for one in self.containers()))
            for actor in self.containers():
                self.directory.ask(actor.name, "are you done?")

    def containers(self):
        actors = [self.directory.actor(name) for name in self.directory.names() if name.endswith("/container")]
        return [actor for actor in actors if actor is not None]

    def crash(self, status, name="alice"):
        until(lambda: name in self.runtime.alive)
        self.runtime.end(name, status)
        self.settle()

    def pass_time(self, seconds):
        self.settle()
        self.clock.advance(seconds)
        self.settle()

    def launches(self, name="alice"):
        return sum(launch.paths.name == name for launch in self.runtime.launches)

    def note(self, name="alice"):
        self.settle()
        return self.row(name).note or ""

"""A few real components without the whole tree: store and broker under their names, and what they emit."""

from actors.broker import api as broker
from actors.broker.actor import BrokerActor
from actors.events import STREAM, Emit
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import Actor, Directory, FakeClock


class EventRecorder(Actor):
    """Stands in for the event stream and records the events."""

    def __init__(self):
        super().__init__()
        self.events = []

    def handle(self, message):
        if isinstance(message, Emit):
            self.events += message.events


class Components:
    """Starts components by name, stops them in reverse order."""

    def __init__(self, folder, *agents):
        self.folder, self.clock, self.directory = folder, FakeClock(), Directory()
        self.names = []
        self.recorder = EventRecorder()
        self.boot(STREAM, self.recorder)
        self.boot("store", StoreActor(paths={kind: folder / f"{kind}.sqlite" for kind in Database}))
        self.boot("broker", BrokerActor(directory=self.directory, clock=self.clock))
        broker.register(self.directory, name="manager", role="manager")
        for agent in agents:
            broker.register(self.directory, name=agent, role="agent")

    def boot(self, name, actor):
        self.directory.boot(actor, name)
        self.names.append(name)
        return actor

    def stop(self, name):
        self.directory.stop(name, 5.0)
        self.names.remove(name)

    def close(self):
        for name in reversed(self.names):
            self.directory.stop(name, 5.0)

    def mail(self, name):
        return broker.recv(self.directory, name=name, max=32).messages

    def emitted(self, kind):
        self.directory.ask(STREAM, "are you done?")
        return [data for what, data in self.recorder.events if what == kind]

"""A few real rooms without the whole house: store and broker under their names, and what they emit."""

from actors.broker import api as broker
from actors.broker.actor import BrokerActor
from actors.events import STREAM, Emit
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import Actor, Directory, FakeClock


class Ear(Actor):
    """Stands where the event stream stands and remembers what it is told."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def handle(self, message):
        if isinstance(message, Emit):
            self.heard += message.events


class Rooms:
    """Starts rooms by name, stops them in reverse order."""

    def __init__(self, folder, *agents):
        self.folder, self.clock, self.directory = folder, FakeClock(), Directory()
        self.names = []
        self.ear = Ear()
        self.boot(STREAM, self.ear)
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

    def heard(self, kind):
        self.directory.ask(STREAM, "are you done?")
        return [data for what, data in self.ear.heard if what == kind]

"""What the broker's tests share: a store and a broker that can be stopped, killed and started again."""

from actors.broker import api as broker
from actors.broker.actor import BrokerActor
from actors.supervision import settle
from tests.actors.components import Components


class Post(Components):
    """Components with requests for mail; time stands still until the clock is moved."""

    def __init__(self, folder, *agents):
        super().__init__(folder, *(agents or ("alice", "bob", "carol")))

    def send(self, sender, to, body="hello", **rest):
        return broker.send(self.directory, sender=sender, to=to, body=body, **rest)

    def recv(self, name, count=1):
        return broker.recv(self.directory, name=name, max=count)

    def bodies(self, name, count=32):
        return [message.body for message in self.recv(name, count).messages]

    def long_poll(self, name, wait_seconds=60, count=1):
        waiter = broker.long_poll(self.directory, name=name, wait_seconds=wait_seconds, max=count)
        settle()
        return waiter

    def ack(self, name):
        return broker.ack_turn(self.directory, name)

    def requeue(self, name, **rest):
        return broker.requeue_inflight(self.directory, name, **rest)

    def status(self, name):
        found = broker.status(self.directory, name)
        return found.pending, found.leased

    def crash_broker(self):
        """Kill the broker where it stands, and start one from what is on disk."""
        self.directory.actor("broker").kill()
        settle()
        self.names.remove("broker")
        self.start_broker()

    def start_broker(self):
        self.boot("broker", BrokerActor(directory=self.directory, clock=self.clock))

    def sql(self, statement, *values):
        from actors.store import api as store

        return store.write(self.directory, lambda connection: connection.execute(statement, values).fetchall()).get(
            timeout=5
        )

"""A daemon with store, broker and one socket per name, to be killed: `python -m tests.actors.broker.post_office FOLDER NAME…`.

With `--search` among the names an index follows the tables. It says `ready` on stdout when everything is up. Handlers are those of the hive's sockets, cut to mail.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from actors.broker import api as broker
from actors.broker.actor import BrokerActor
from actors.fair_share import TRUSTED
from actors.listener import Listener
from actors.search.actor import SearchActor
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import SYSTEM_CLOCK, ChildSpec, Directory, Supervisor, SupervisorFlags
from harness.wire import agent_api


class Window:
    """One name's socket."""

    def __init__(self, directory, name):
        self.directory, self.name = directory, name

    def answer(self, request, connection):
        return getattr(self, request.cmd)(request, connection)

    def send(self, request, _connection):
        return broker.send(
            self.directory, sender=self.name, to=request.to, body=request.body, in_reply_to=request.in_reply_to
        )

    def recv(self, request, connection):
        if request.wait_seconds:
            waiter = broker.long_poll(
                self.directory, name=self.name, wait_seconds=request.wait_seconds, max=request.max
            )
            connection.on_gone(waiter.cancel)
            reply = waiter.wait()
        else:
            reply = broker.recv(self.directory, name=self.name, max=request.max)
        ids = [message.id for message in reply.messages]
        if ids:
            connection.if_unwritten(lambda: broker.give_back(self.directory, self.name, ids))
        return reply

    def ack_turn(self, _request, _connection):
        return agent_api.AckReply(acked=broker.ack_turn(self.directory, self.name))

    def requeue_inflight(self, _request, _connection):
        return agent_api.RequeueReply(requeued=broker.requeue_inflight(self.directory, self.name))

    def status(self, _request, _connection):
        return broker.status(self.directory, self.name)


VERBS = {cmd: agent_api.PEER_VERBS[cmd] for cmd in ("send", "recv", "ack_turn", "requeue_inflight", "status")}


def tree(directory, folder, names, *, searched=False):
    def listener(name):
        return Listener(
            path=folder / f"{name}.sock",
            verbs=VERBS,
            handler=Window(directory, name).answer,
            share=replace(TRUSTED, connections=4096),
        )

    paths = {kind: folder / f"{kind}.sqlite" for kind in (Database if searched else [Database.HIVE])}
    children = [
        ChildSpec("store", lambda: StoreActor(paths=paths)),
        ChildSpec("broker", lambda: BrokerActor(directory=directory, clock=SYSTEM_CLOCK)),
    ]
    if searched:
        index = folder / "search.sqlite"
        search = partial(SearchActor, path=index, directory=directory, clock=SYSTEM_CLOCK)
        children.append(ChildSpec("search", search))
    children += [ChildSpec(f"window-{name}", lambda name=name: listener(name)) for name in names]
    return Supervisor(SupervisorFlags(), children, directory=directory)


def main(folder, *arguments):
    directory = Directory()
    names = [one for one in arguments if one != "--search"]
    directory.boot(tree(directory, Path(folder), names, searched="--search" in arguments))
    for name in names:
        broker.register(directory, name=name, role="agent")
    print("ready", flush=True)
    directory.wait("hive")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The registry of the peers: the sessions that have joined from outside.

Owns the table `peers` and the children of `peers/sockets`. Promises: an answered request is on disk; a peer's socket is
served again after a restart of any component; a removed peer has no socket, no connection and no address when the
removal is answered, and the next owner of its name finds none of its mail. Emits operator events: `agent` with the
peer's row on every change, `agent_removed`.
"""

import contextlib
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from actors.broker import api as broker
from actors.events import emit
from actors.peers import mail, queries
from actors.peers.context import PeersContext
from actors.peers.joining import socket_path
from actors.peers.messages import (
    SOCKETS,
    AddPeer,
    ListPeers,
    OpenSocket,
    RemovePeer,
    SetPeerStatus,
    listener_name,
)
from actors.peers.queries import Peer
from actors.peers.snapshot import PeerSnapshot, PeerState, row
from actors.questions import api as questions
from actors.scheduler import api as scheduler
from actors.store import api as store
from actors.store.stored_table import LISTED
from actors.supervision import (
    Actor,
    ChildRefused,
    Clock,
    Directory,
    SupervisionError,
    delete_child,
    start_child,
    terminate_child,
)
from harness.wire import names
from harness.wire.errors import HiveError, bad_request, conflict, forbidden, not_found, unavailable

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0
RETRY_SECONDS = 30.0
"""Pause before a socket that could not be served is tried again."""


class PeerRegistryActor(Actor):
    """`peers/registry`. Messages are in `messages.py`."""

    def __init__(self, *, context: PeersContext, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._context = context
        self._directory = directory
        self._peers: dict[str, PeerSnapshot] = {}

    def on_start(self) -> None:
        for name in store.read(self._directory, queries.left_over):
            broker.unregister(self._directory, name)
        for peer in store.read(self._directory, queries.all_peers):
            if peer.unreadable is not None:
                # Its socket stays closed: registered anew it could write to everybody.
                snapshot = PeerSnapshot(peer, PeerState.FAILED, self.clock.now_ms(), note=peer.unreadable)
                self._peers[peer.name] = snapshot
                continue
            if not peer.registered:
                broker.register(self._directory, name=peer.name, role="peer")
            self._peers[peer.name] = PeerSnapshot(peer, PeerState.LISTENING, self.clock.now_ms())
            self.tell_self(OpenSocket(peer.name))

    def state_word(self) -> str:
        return f"{len(self._peers)} peers"

    def handle(self, message: object) -> Any:
        match message:
            case ListPeers():
                return [self._peers[name] for name in sorted(self._peers)]
            case AddPeer():
                self._add(message)
            case RemovePeer(name):
                self._remove(name)
            case SetPeerStatus(name, text):
                self._set_status(name, text)
            case OpenSocket(name):
                self._open_again(name)
        return None

    # ---- requests ------------------------------------------------------------------------------------

    def _add(self, wanted: AddPeer) -> None:
        """The address first, then the row, then the socket: a row promises an address, a socket promises both."""
        name = wanted.name
        self._check(wanted)
        self._end_life(name)
        broker.begin_generation(self._directory, name)
        self._context.forget_client(name)
        own = wanted.uid in {0, os.geteuid()}
        peer = Peer(
            name,
            self.clock.now_ms(),
            uid=None if own else wanted.uid,
            allowed_recipients=wanted.allowed_recipients,
        )
        broker.register(self._directory, name=name, role="peer", allowed_recipients=peer.allowed_recipients)
        try:
            self._write(queries.insert(peer, self._context.check_no_agent))
            self._peers[name] = PeerSnapshot(peer, PeerState.LISTENING, self.clock.now_ms())
            self._open(name)
        except (HiveError, SupervisionError) as error:
            self._forget(name)
            if isinstance(error, HiveError):
                raise
            raise unavailable(f"the socket of {name} cannot be served: {error}", "see the log of the hive") from None
        log.info("added peer=%s uid=%s", name, wanted.uid)
        self._changed(name)

    def _check(self, wanted: AddPeer) -> None:
        name = wanted.name
        try:
            names.check_new_name(name)
        except ValueError as error:
            raise bad_request(str(error)) from None
        for one in store.read(self._directory, queries.PEERS.unreadable(LISTED)):
            if one.key == name:
                raise conflict(f"peer {name!r}: {one.sentence}", "`hive quarantine` lists such rows")
        if name in self._peers:
            raise conflict(f"there is a peer {name!r} already", f"`hive peer remove {name}` takes its socket back")
        if self._context.was_agent(name):
            raise conflict(f"{name!r} is or was an agent of this hive", "give the peer another name")
        euid = os.geteuid()
        if euid != 0 and wanted.uid not in {0, euid}:
            raise forbidden(
                f"this hive runs as uid {euid} and can give uid {wanted.uid} no socket",
                "add the peer as the hive's own user, or run the hive as root",
            )

    def _remove(self, name: str) -> None:
        if name not in self._peers:
            raise not_found(f"peer {name!r}", "`hive peer list` lists them")
        self._forget(name)
        log.info("removed peer=%s", name)
        emit(self._directory, "agent_removed", {"name": name})

    def _set_status(self, name: str, text: str) -> None:
        snapshot = self._peers.get(name)
        if snapshot is None:
            raise not_found(f"peer {name!r}")
        now = self.clock.now_ms()
        self._write(queries.set_status(name, text or None, now))
        peer = replace(snapshot.peer, status_text=text or None, status_set_ms=now)
        self._peers[name] = replace(snapshot, peer=peer)
        self._changed(name)

    # ---- sockets -------------------------------------------------------------------------------------

    def _open(self, name: str) -> None:
        peer = self._peers[name].peer
        path = socket_path(self._context.run_dir, name)
        start_child(self._directory, SOCKETS, self._context.listener(peer, path, self._directory, self.clock))

    def _open_again(self, name: str) -> None:
        """A socket that cannot be served shows its peer as failed and is tried later; the others are served."""
        snapshot = self._peers.get(name)
        if snapshot is None or self._directory.whereis(listener_name(name)) is not None:
            return
        try:
            self._open(name)
            self._peers[name] = replace(snapshot, state=PeerState.LISTENING, note=None)
        except SupervisionError as error:
            log.error("peer not served peer=%s reason=%s", name, error)  # noqa: TRY400 — a reason, not a traceback
            note = f"its socket cannot be served: {error}"
            self._peers[name] = replace(snapshot, state=PeerState.FAILED, note=note)
            self.tell_after(RETRY_SECONDS, OpenSocket(name))
        self._changed(name)

    def _forget(self, name: str) -> None:
        """Remove a peer, except its past mail, which stays in the flow. The row first: a crash must not undo it."""
        self._write(queries.delete(name))
        self._peers.pop(name, None)
        broker.unregister(self._directory, name)
        self._quietly(lambda: terminate_child(self._directory, SOCKETS, name))
        self._quietly(lambda: delete_child(self._directory, SOCKETS, name))
        with contextlib.suppress(OSError):
            socket_path(self._context.run_dir, name).parent.rmdir()
        self._end_life(name)
        broker.end_generation(self._directory, name)
        self._context.forget_client(name)

    def _end_life(self, name: str) -> None:
        """End what the owner of a name had begun; a daemon that was killed may have left some of it."""
        questions.abandon_now(self._directory, name)
        scheduler.abandon_now(self._directory, name)

    def _quietly(self, take_down: Callable[[], None]) -> None:
        try:
            take_down()
        except ChildRefused as refusal:
            log.debug("already gone reason=%s", refusal.reason)

    # ---- private work --------------------------------------------------------------------------------

    def _changed(self, name: str) -> None:
        figures = mail.counts(self._directory).get(name)
        emit(self._directory, "agent", row(self._peers[name], figures).as_frame())

    def _write(self, unit: queries.Unit) -> None:
        store.write(self._directory, unit).get(timeout=WRITE_SECONDS)

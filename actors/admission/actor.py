"""The owner of suspensions: counts the crashes over each client's requests, and suspends the client at the second.

Owns the tables `suspensions` and `kept_requests`. Promises: a suspended client is refused from the moment that the
crash is told of, and after every restart, until the operator lifts it; the next owner of its name is not; the requests
are kept, cut to a size. What a request meets of the machine's troubles is kept and suspends nobody. It never
waits for another actor but at its start and for `Lift`. Emits `suspension` and `notice`.
"""

import logging
from collections import deque
from typing import Any

from actors.admission import queries
from actors.admission.clients import Clients
from actors.admission.crashes import add_crash, suspends
from actors.admission.messages import GetSuspensions, Lift, OwnerEnded, RequestCrashed, WriteAgain
from actors.events import emit
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, Promise
from harness.wire.errors import not_found
from harness.wire.names import broker_name
from harness.wire.operator_rows import SuspensionRow
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
WRITE_SECONDS = 30.0
MAX_UNWRITTEN = 100
MAX_REASON = 300


class AdmissionActor(Actor):
    """Messages are in `messages.py`."""

    def __init__(self, *, clients: Clients, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._clients = clients
        self._directory = directory
        self._suspensions: dict[str, SuspensionRow] = {}
        self._crashes: dict[str, tuple[float, ...]] = {}
        self._unwritten: deque[queries.Unit] = deque(maxlen=MAX_UNWRITTEN)
        """What could not be written yet: the component that crashed may be the store."""

    def on_start(self) -> None:
        store.wait_for_writes(self._directory)
        for row in store.read(self._directory, queries.suspensions):
            self._suspensions[row.name] = row
            self._clients.of(row.name).set_suspended(row.reason)

    def state_word(self) -> str:
        return f"{len(self._suspensions)} suspended"

    def handle(self, message: object) -> Any:
        match message:
            case RequestCrashed():
                self._crashed(message)
            case OwnerEnded(name):
                self._forget(broker_name(name))
            case Lift(name):
                self._lift(broker_name(name))
            case GetSuspensions():
                return list(self._suspensions.values())
            case WriteAgain():
                again, self._unwritten = list(self._unwritten), deque(maxlen=MAX_UNWRITTEN)
                for unit in again:
                    self._write(unit)
        return None

    def _crashed(self, crash: RequestCrashed) -> None:
        now_ms, name = self.clock.now_ms(), broker_name(crash.name)
        reason = crash.reason[:MAX_REASON]
        log.error("a request has crashed a component agent=%s cmd=%s actor=%s", name, crash.cmd, crash.actor)
        client = self._clients.of(name)
        if client is not crash.client:
            return  # its sender is no more, and the next owner of the name has done nothing
        self._write(queries.keep((name, now_ms, crash.actor, reason, crash.cmd, crash.request, crash.size)))
        if crash.again or crash.machine:
            return
        self._crashes[name] = add_crash(self._crashes.get(name, ()), self.clock.monotonic())
        if client.suspended is not None or not suspends(self._crashes[name]):
            return
        why = (
            f"its requests have crashed the hive twice within a minute, the last ({crash.cmd}) {crash.actor}: {reason}"
        )
        self._suspensions[name] = SuspensionRow(name=name, at=from_ms(now_ms), reason=why)
        client.set_suspended(why)
        self._write(queries.suspend(name, now_ms, why))
        log.error("suspended agent=%s reason=%s", name, why)
        text = f"{name} is suspended: {why}. `hive suspensions show {name}` shows the requests."
        emit(self._directory, "notice", {"level": "error", "text": text, "agent": name})
        emit(self._directory, "suspension", {"name": name})

    def _forget(self, name: str) -> None:
        """On disk the generation tells the owners of a name apart."""
        self._crashes.pop(name, None)
        if self._suspensions.pop(name, None) is not None:
            emit(self._directory, "suspension", {"name": name})

    def _lift(self, name: str) -> None:
        client = self._clients.of(name)
        if client.suspended is None:
            raise not_found(f"suspension of {name}", "`hive suspensions` lists them")
        store.write(self._directory, queries.lift(name)).get(timeout=WRITE_SECONDS)
        self._suspensions.pop(name, None)
        self._crashes.pop(name, None)
        client.set_suspended(None)
        log.info("suspension lifted agent=%s", name)
        emit(self._directory, "suspension", {"name": name})

    def _write(self, unit: queries.Unit) -> None:
        def written(done: Promise[None]) -> None:
            if done.error is not None:
                if not self._unwritten:
                    self.tell_after(RETRY_SECONDS, WriteAgain())
                self._unwritten.append(unit)

        store.write(self._directory, unit).then(written)

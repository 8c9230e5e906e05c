"""Many agents at once, the manager first: the start of the host, a rebuild of all, and what is told about them.

Part of the roster and run in it: it decides who, the supervisor `agents` carries it out with `leader_first`. Promises:
the manager has one `restart_planned` in its inbox before the others start; a rebuild that ended is told once, in the
transaction that notes with what the container was started.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from actors.agent import floor, table
from actors.agent.host import AgentHost
from actors.agent.ledger import Ledger
from actors.agent.messages import (
    AGENTS,
    EndOnStop,
    LeaderAsked,
    RebuildAll,
    Run,
    StartAll,
    Tell,
    TellStale,
    Tend,
    Told,
    container_actor,
)
from actors.agent.rebuilds import HOST_START, Rebuilds, needs_update
from actors.agent.revision import marker
from actors.agent.standing import Desired, Record, Seen, Standing
from actors.agent.state import AgentState
from actors.agent.upkeep import Upkeep
from actors.broker import api as broker
from actors.broker.messages import Post, PostAll
from actors.events import emit
from actors.service.messages import Farewell
from actors.supervision import Actor, Directory, Promise, RestartPlanned, SupervisionError, leader_ready
from harness.wire import names
from harness.wire.events import HarnessState

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 1.0
"""Pause before a broker that was away is asked again."""

Changes = Mapping[str, Mapping[str, Any]]
"""Columns of rows, by name."""

NO_CHANGES: Changes = MappingProxyType({})


class Swarm:
    """`roster` is the actor whose mailbox and timers it uses; `upkeep` has the say on each single agent."""

    def __init__(self, roster: Actor, *, host: AgentHost, ledger: Ledger, directory: Directory, upkeep: Upkeep) -> None:
        self._roster = roster
        self._host = host
        self._ledger = ledger
        self._directory = directory
        self._upkeep = upkeep
        self._begun: Promise[None] | None = None
        """The rollout that was ordered last; kept when its leader is up."""
        self.rebuilds = Rebuilds()

    def handle(self, message: object) -> object:
        """The roster's messages that are about many."""
        match message:
            case StartAll(wanted):
                self._start_all(wanted)
            case RebuildAll(chosen, reason):
                return self._rebuild_all(chosen, reason)
            case RestartPlanned():
                return self._planned(message)
            case LeaderAsked():
                self._leader_asked(message)
            case TellStale(left_alone):
                self._tell_stale(left_alone)
            case Tell(posts, changes):
                self._tell(posts, changes)
            case Told():
                self._told(message)
        return None

    def runs(self, before: Standing, seen: Seen) -> None:
        """A container actor says that its container runs."""
        record = before.record
        if seen.started_ms is None:
            if record.name in self.rebuilds:
                # It slipped through: its actor was being restarted when it was told to take the container along.
                self._directory.tell(container_actor(record.name), Run(again=True, rebuild=True))
        elif before.seen is None or before.seen.started_ms != seen.started_ms:
            self._started(record, seen.started_ms)
        if record.name == names.MANAGER_CONTAINER and seen.activity == HarnessState.NEEDS_LOGIN:
            # It asks for no mail until somebody logs it in: nobody has to wait for that.
            leader_ready(self._directory, AGENTS, record.name)

    def failed(self, name: str, reason: str) -> None:
        """It did not come up; tell, if that was the end of a rebuild."""
        self._tell(self.rebuilds.over(self._ledger.known(name).record, failure=reason))

    # ---- who, and why ---------------------------------------------------------------------------------

    def _start_all(self, wanted: Sequence[str]) -> None:
        """The host has started: those whose containers do not run. One the supervisor has already is left to it."""
        try:
            known = floor.states(self._directory).keys()
            self._roster.tell_self(Tend(tuple(name for name in wanted if name in known)))
            self.rebuilds.reason = HOST_START
            self._lead([name for name in wanted if name not in known and name in self._ledger])
        except SupervisionError as error:
            # It is busy with an order of a roster before this one: whom it leaves out is found one by one.
            for name in wanted:
                self._upkeep.look_later(name, error)

    def _rebuild_all(self, chosen: Iterable[str] | None, reason: str) -> list[str]:
        """Their containers end with their actors; then all come back."""
        wanted = [
            one.record.name
            for one in self._ledger.standings()
            if one.record.desired is Desired.RUNNING
            and (chosen is None or one.record.name in chosen)
            # Who rests takes the newest with its next start, and must not lead.
            and not (one.seen is not None and one.seen.state is AgentState.RESTING)
        ]
        if self._begun is not None and not self._begun.done:
            # The supervisor is still stopping and starting for the one before: its fresh actors must hear of this one.
            self._begun.then(lambda _done: self._roster.tell_self(RebuildAll(tuple(wanted), reason)))
            return wanted
        for name in wanted:
            self._directory.tell(container_actor(name), EndOnStop(Farewell(ends=True, rebuild=True)))
        self.rebuilds.begin(wanted, reason)
        self._lead(wanted)
        return wanted

    def _lead(self, wanted: list[str]) -> None:
        if wanted:
            log.info("leader first agents=%s reason=%s", len(wanted), self.rebuilds.reason)
            self._begun = floor.roll_out(self._directory, [self._upkeep.spec(name) for name in wanted])

    def _planned(self, plan: RestartPlanned) -> Promise[Any] | None:
        """The supervisor waits for the reply: the manager has its summary before the others start."""
        if not plan.leader_ready:
            text = f"the manager is not ready: {len(plan.child_ids)} agents start without it"
            log.warning("%s", text)
            emit(self._directory, "notice", {"level": "warning", "text": text})
        return self._directory.ask_later(broker.BROKER, PostAll((self.rebuilds.planned(plan.child_ids),)))

    # ---- what came of it ------------------------------------------------------------------------------

    def _started(self, record: Record, started_ms: int) -> None:
        noted = marker(self._host.revision, record.deployed_sha)
        changes = {record.name: {"revision": noted}} if noted != record.revision else NO_CHANGES
        # At once: what has just been started is not stale until that is on disk.
        self._ledger.remember(record.name, revision=noted)
        self._tell(self.rebuilds.over(record), changes)
        if record.name == names.MANAGER_CONTAINER:
            self._ask_leader(started_ms)

    def _ask_leader(self, started_ms: int) -> None:
        """The manager leads as soon as its harness asks for mail. A paused one does not ask."""
        if self._ledger.known(names.MANAGER_CONTAINER).record.paused:
            leader_ready(self._directory, AGENTS, names.MANAGER_CONTAINER)
            return
        asked = broker.asked_for_mail(self._directory, names.MANAGER, started_ms)
        asked.then(lambda done: self._roster.tell_self(LeaderAsked(started_ms, told=done.error is None)))

    def _leader_asked(self, message: LeaderAsked) -> None:
        seen = self._ledger.known(names.MANAGER_CONTAINER).seen
        if seen is None or seen.started_ms != message.started_ms:
            return
        if message.told:
            leader_ready(self._directory, AGENTS, names.MANAGER_CONTAINER)
        elif message.again:
            self._ask_leader(message.started_ms)
        else:
            again = LeaderAsked(message.started_ms, told=False, again=True)
            self._roster.tell_after(ASK_AGAIN_SECONDS, again)

    def _tell_stale(self, left_alone: Iterable[str]) -> None:
        current = {
            one.record.name: (one.record.told_revision, marker(self._host.revision, one.record.deployed_sha))
            for one in self._ledger.standings()
            if one.stale and one.record.name in left_alone
        }
        stale = {name: {"told_revision": new} for name, (told, new) in current.items() if told != new}
        self._tell(needs_update(stale), stale)

    # ---- telling --------------------------------------------------------------------------------------

    def _tell(self, posts: tuple[Post, ...], changes: Changes = NO_CHANGES) -> None:
        """Post these in one transaction with the changes of rows they report."""
        if not posts and not changes:
            return
        also = table.updates(self._roster.clock.now_ms(), changes)
        sent = self._directory.ask_later(broker.BROKER, PostAll(posts, also))
        sent.then(lambda done: self._roster.tell_self(Told(posts, changes, done)))

    def _told(self, told: Told) -> None:
        if told.result.error is None:
            for name, changes in told.changes.items():
                self._ledger.remember(name, **changes)
        else:
            log.warning("not told yet posts=%s error=%s", len(told.posts), told.result.error)
            self._roster.tell_after(ASK_AGAIN_SECONDS, Tell(told.posts, told.changes))

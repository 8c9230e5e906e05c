"""The quotas: measures what each agent has on the disk, with the mail it has sent, after its turns and now and then.

Owns nothing on disk. Promises: an agent that reaches 80 % of its limit is told, and so is the operator; one that
reaches its limit is paused with the reason, which its row and the list of what needs the operator show. The limit is
soft: what an agent writes within a turn is found at the end of the turn, or at the next measurement. The hive ends such
a pause when the agent is below 80 % again, because the limit was raised or space was freed. Transcripts of Claude
and rotated logs are dropped by age. Emits `notice`.
"""

import logging
from functools import partial

from actors.agent import config as agent_config
from actors.agent.container.state import RUNS
from actors.agent.container.wakeup import wake
from actors.agent.context import AgentContext
from actors.agent.registry import api as agents
from actors.agent.snapshot import AgentSnapshot
from actors.events import emit
from actors.in_thread import in_thread
from actors.quotas import verdict
from actors.quotas.free_space import FreeSpace
from actors.quotas.messages import Due, Sweep, Tick, TurnEnded
from actors.quotas.sent_mail import SentMail
from actors.quotas.transcripts import sweep
from actors.quotas.usage import disk_usage
from actors.quotas.verdict import Action, Seen
from actors.supervision import Actor, Clock, Directory, SupervisionError
from harness.wire import names
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)

TICK_SECONDS = 30.0
FIRST_SWEEP_SECONDS, SWEEP_SECONDS = 600.0, 6 * 3600.0
"""When old transcripts are dropped: not beside a start, then a few times a day."""
DAY_SECONDS = 24 * 3600
SHARE = 20
"""The pause after a measurement is at least so many times as long as the measurement."""


class QuotasActor(Actor):
    """Measures in a native thread, one agent at a time."""

    def __init__(
        self, *, context: AgentContext, reserve_bytes: int, transcript_days: int, directory: Directory, clock: Clock
    ) -> None:
        super().__init__(clock=clock)
        self._context = context
        self._free = FreeSpace(context.workspace.state_dir, reserve_bytes)
        self._directory = directory
        self._transcript_seconds = transcript_days * DAY_SECONDS
        self._mail = SentMail(directory, clock)
        self._seen: dict[str, Seen] = {}
        self._next: dict[str, float] = {}
        """From when on an agent may be measured again: its folders take their time, and its turns may be short."""
        self._owed: set[str] = set()
        """Whose turn has ended since the last measurement."""

    def on_start(self) -> None:
        self.tell_after(TICK_SECONDS, Tick())
        self.tell_after(FIRST_SWEEP_SECONDS, Sweep())

    def state_word(self) -> str:
        held = sum(one.level is verdict.Level.OVER for one in self._seen.values())
        return f"{held} over their disk limit" if held else "measures"

    def handle(self, message: object) -> None:
        match message:
            case TurnEnded(name):
                is_first = name not in self._owed
                self._owed.add(name)
                if self._is_due(name):
                    self._measure_named(name)
                elif is_first:
                    self.tell_after(self._next[name] - self.clock.monotonic(), Due(name))
            case Due(name):
                if name in self._owed:
                    self._measure_named(name)
            case Tick():
                found = self._snapshots()
                self._hold_or_resume_all(found)
                self._measure(
                    [one for one in found if (one.record.paused or _runs(one)) and self._is_due(one.record.name)]
                )
                self._forget({one.record.name for one in found})
                self.tell_after(TICK_SECONDS, Tick())

            case Sweep():
                self._sweep()
                self.tell_after(SWEEP_SECONDS, Sweep())

    def _sweep(self) -> None:
        """Drop what is too old of every agent that exists; what is kept of a destroyed one is kept whole."""
        before = self.clock.now_ms() / 1000 - self._transcript_seconds
        for agent in self._snapshots():
            name = agent.record.name
            paths = self._context.workspace.of(name)
            try:
                count = in_thread(partial(sweep, paths, before=before))
            except OSError as error:
                log.warning("old transcripts not dropped agent=%s error=%s", name, error)
                continue
            if count:
                log.info("dropped old transcripts agent=%s files=%s", name, count)

    def _measure_named(self, name: str) -> None:
        self._measure([one for one in self._snapshots() if one.record.name == name])

    def _is_due(self, name: str) -> bool:
        return self.clock.monotonic() >= self._next.get(name, 0.0)

    def _forget(self, kept: set[str]) -> None:
        """Drop what is remembered of agents that are no more."""
        for name in (self._seen.keys() | self._next.keys()) - kept if kept else ():
            self._mail.forget()
            self._seen.pop(name, None)
            self._next.pop(name, None)
        self._owed &= kept or self._owed

    def _snapshots(self) -> list[AgentSnapshot]:
        try:
            return agents.snapshots(self._directory)
        except (HiveError, SupervisionError) as error:
            log.warning("not measured error=%s", error)
            return []

    def _measure(self, chosen: list[AgentSnapshot]) -> None:
        for agent in chosen:
            try:
                self._measure_one(agent)
            except (HiveError, SupervisionError, OSError) as error:
                log.warning("not measured agent=%s error=%s", agent.record.name, error)

    def _measure_one(self, agent: AgentSnapshot) -> None:
        record = agent.record
        paths = self._context.workspace.of(record.name)
        limits = agent_config.in_force(
            paths.applied_config, default_model=self._context.default_model, default_limits=self._context.default_limits
        ).limits
        began, turn_ended = self.clock.monotonic(), record.name in self._owed
        self._owed.discard(record.name)
        usage = in_thread(disk_usage, paths).with_mail(self._mail.of(record.name))
        now = self.clock.monotonic()
        self._next[record.name] = now + SHARE * (now - began)
        agents.disk_measured(self._directory, record.name, usage.disk_bytes)
        limit = agent_config.memory_bytes(limits.disk, "disk")
        if limit is None:
            return
        before = self._seen.get(record.name, Seen())
        action, seen = verdict.verdict(
            before, usage, limit, paused=record.paused, reason=record.pause_reason, turn_ended=turn_ended
        )
        shown = names.broker_name(record.name)
        match action:
            case Action.WARN:
                wake(self._directory, record.name, verdict.warning(usage, limit))
                self._notice(shown, f"{shown} has used {100 * usage.disk_bytes // limit} % of its disk")
            case Action.PAUSE:
                reason = verdict.why(usage, limit, shown)
                agents.set_paused(self._directory, record.name, paused=True, reason=reason)
                self._notice(shown, f"{shown} is paused: {reason}")
            case Action.RESUME:
                agents.set_paused(self._directory, record.name, paused=False)
                self._notice(shown, f"{shown} is resumed: it is below its disk limit again")
        # Last, because what was done above may be refused; the next measurement then does it.
        self._seen[record.name] = seen

    def _hold_or_resume_all(self, found: list[AgentSnapshot]) -> None:
        """While the disk is full no agent begins a turn, whatever it has used of its own."""
        full = self._free.is_full()
        for agent in found:
            record = agent.record
            ours = record.paused and (record.pause_reason or "").startswith(verdict.FULL)
            if (full and record.paused) or (not full and not ours):
                continue
            try:
                reason = verdict.FULL + "no agent begins a turn until there is space" if full else None
                agents.set_paused(self._directory, record.name, paused=full, reason=reason)
            except (HiveError, SupervisionError) as error:
                log.warning("not held agent=%s full=%s error=%s", record.name, full, error)
        if self._free.has_changed():
            text = "the disk is full: every agent is paused" if full else "the disk has space again: the agents go on"
            self._notice(None, text)

    def _notice(self, agent: str | None, text: str) -> None:
        log.warning("quota agent=%s %s", agent or "-", text)
        about = {} if agent is None else {"agent": agent}
        emit(self._directory, "notice", {"level": "warning", "text": text, **about})


def _runs(agent: AgentSnapshot) -> bool:
    return agent.observed is not None and agent.observed.state in RUNS

"""The crash watch: monitors every container's actor, and tells the manager of ends and silences nobody asked for.

Owns its monitors, and what it knows of past silences. Promises: one `container_crash` per crash, with the exit status
and the last lines of the log; none for an end that was asked for, which ends no actor; none made up after a restart
of the daemon or of this actor, which only place the monitors again; one `agent_stuck` per silence, and
a restart for the first one. It never waits for anybody. Emits `notice`.
"""

import logging
from collections.abc import Mapping

from actors.agent.endings import ContainerCrashed
from actors.agent.messages import ROSTER, AskSigns, Restart, Silent, container_actor
from actors.broker.api import BROKER, Counts
from actors.broker.messages import GetCounts
from actors.crashwatch import stuck
from actors.crashwatch.detect import RULES, ExitClass, sentence
from actors.crashwatch.messages import GaveUp, Judge, Look, Parked, Tell, Told, Up
from actors.crashwatch.stuck import Episode, Signs, Step, View
from actors.crashwatch.telling import AlreadyTold, tell
from actors.events import emit
from actors.supervision import Actor, Clock, Directory, Down, Exit, ExitKind, Promise, Timer
from harness.wire import names
from harness.wire.events import AgentStuck, ContainerCrash, HelperEvent
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

FLOOR, ROOM = "agents", "container"
CRASHWATCH = "crashwatch"
RETRY_SECONDS = 1.0
ANSWER_SECONDS = 1.0
"""How long those who are asked by a look may take to answer."""


class CrashwatchActor(Actor):
    """Sees containers end, and agents fall silent. `stuck_seconds` 0: silences are nobody's business."""

    def __init__(self, *, directory: Directory, clock: Clock, stuck_seconds: float) -> None:
        super().__init__(clock=clock)
        self._directory = directory
        self._limit_ms = int(stuck_seconds * 1000)
        self._not_started: set[str] = set()
        """Whose failed start has been told; one that is tried again and again is no news."""
        self._episodes: dict[str, Episode] = {}
        self._last_ms = 0
        self._look: Timer | None = None

    def on_start(self) -> None:
        for name in self._directory.names():
            if _agent_of(name) is not None:
                self._directory.monitor(name, CRASHWATCH)
        if self._limit_ms:
            self._arm(self.clock.now_ms() + self._limit_ms)

    def handle(self, message: object) -> None:
        match message:
            case Down(name, exit_):
                self._down(name, exit_)
            case Up(agent):
                self._not_started.discard(agent)
            case Parked(agent, ContainerCrashed() as error):
                self._crashed(agent, error)
                self._notice(agent, f"is parked: {error.note}")
            case GaveUp(agent, reason):
                self._gave_up(agent, reason)
            case Look():
                self._look_around()
            case Judge(counts, signs):
                self._judge(counts, signs)
            case Tell(event):
                self._tell(event, again=True)
            case Told(event, result):
                self._told(event, result)

    # ---- ends -----------------------------------------------------------------------------------------

    def _down(self, name: str, exit_: Exit) -> None:
        agent = _agent_of(name)
        if agent is None or exit_.orderly or exit_.kind in {ExitKind.NOT_RUNNING, ExitKind.KILLED}:
            return
        error = exit_.error
        if isinstance(error, ContainerCrashed):
            self._crashed(agent, error)
        elif getattr(error, "not_started", False) and agent not in self._not_started:
            self._not_started.add(agent)
            kind = ExitClass.START_FAILED
            self._report(self._event(agent, kind, f"{sentence(kind, None)}: {error}", None, []))
        # Else the actor failed, not its container, which runs on and is adopted by the next one.

    def _crashed(self, agent: str, error: ContainerCrashed) -> None:
        self._not_started.discard(agent)
        if RULES[error.kind].report:
            self._report(self._event(agent, error.kind, error.note, error.exit_status, error.log_tail))

    def _event(
        self, agent: str, kind: ExitClass, note: str, exit_status: int | None, log_tail: list[str]
    ) -> ContainerCrash:
        return ContainerCrash(
            agent=names.broker_name(agent),
            note=note,
            exit_status=exit_status,
            log_tail=log_tail,
            kind=kind.value,
            at=self._moment(),
        )

    def _gave_up(self, agent: str, reason: str) -> None:
        """Loudly: whoever reads the single crashes can not tell that the last one was the last."""
        name = names.broker_name(agent)
        note = f"is parked and stays down until it is started (`hive start {name}`): {reason}"
        self._notice(agent, note)
        self._tell(AgentStuck(agent=name, note=note, since=self._moment()), again=False)

    # ---- silences -------------------------------------------------------------------------------------

    def _arm(self, at_ms: int) -> None:
        if self._look is not None:
            self._look.cancel()
        self._look = self.tell_after(max(0.0, (at_ms - self.clock.now_ms()) / 1000), Look())

    def _look_around(self) -> None:
        rooms = [name for name in self._directory.names() if _agent_of(name) is not None]
        signs = tuple((_agent_of(name) or "", self._directory.ask_later(name, AskSigns())) for name in rooms)
        self.tell_after(ANSWER_SECONDS, Judge(self._directory.ask_later(BROKER, GetCounts()), signs))

    def _judge(self, counts: Promise[object], signs: tuple[tuple[str, Promise[object]], ...]) -> None:
        """Act on who is stuck, and look again when the next one can be. What was not answered is not known."""
        now_ms = self.clock.now_ms()
        figures = counts.get() if counts.done and counts.error is None else None
        if not isinstance(figures, Mapping):
            self._arm(now_ms + self._limit_ms // 4)
            return
        views = [
            _view(agent, answer.get(), figures.get(names.broker_name(agent)))
            for agent, answer in signs
            if answer.done and answer.error is None
        ]
        for view in views:
            self._consider(view, now_ms)
        self._arm(stuck.next_look_ms(views, now_ms=now_ms, limit_ms=self._limit_ms))

    def _consider(self, view: View, now_ms: int) -> None:
        since_ms = stuck.silent_since(view)
        if since_ms is None or now_ms - since_ms < self._limit_ms:
            return
        before = self._episodes.get(view.agent)
        step = stuck.step(before, since_ms=since_ms, now_ms=now_ms)
        if step is Step.NOTHING:
            return
        restarted = step is Step.RESTART
        last_ms = now_ms if restarted else before.restarted_ms if before else None
        self._episodes[view.agent] = Episode(since_ms, last_ms)
        note = stuck.sentence(seconds=(now_ms - since_ms) / 1000, restarted=restarted)
        log.error("agent stuck agent=%s note=%s", view.agent, note)
        self._notice(view.agent, note)
        # Again: an actor of this name before this one may have told it already.
        self._tell(AgentStuck(agent=names.broker_name(view.agent), note=note, since=from_ms(since_ms)), again=True)
        self._directory.tell(container_actor(view.agent), Silent(note))
        if restarted:
            self._directory.tell(ROSTER, Restart(view.agent))

    # ---- telling --------------------------------------------------------------------------------------

    def _report(self, event: ContainerCrash) -> None:
        log.error("container crashed agent=%s kind=%s note=%s", event.agent, event.kind, event.note)
        self._notice(event.agent, event.note)
        self._tell(event, again=False)

    def _tell(self, event: HelperEvent, *, again: bool) -> None:
        tell(self._directory, event, again=again).then(lambda result: self.tell_self(Told(event, result)))

    def _told(self, event: HelperEvent, result: Promise[object]) -> None:
        """While the database can not be written, again and again."""
        error = result.error
        if error is None or isinstance(error, AlreadyTold):
            return
        if not getattr(error, "expected", False):
            raise error
        log.warning("not told yet event=%s error=%s", type(event).__name__, error)
        self.tell_after(RETRY_SECONDS, Tell(event))

    def _notice(self, agent: str, text: str) -> None:
        name = names.broker_name(agent)
        emit(self._directory, "notice", {"level": "error", "text": f"{name} {text}", "agent": name})

    def _moment(self) -> str:
        """The present moment, and never the same one twice: it is what tells two equal ends apart."""
        self._last_ms = max(self._last_ms + 1, self.clock.now_ms())
        return from_ms(self._last_ms)


def _view(agent: str, signs: object, counts: object) -> View:
    assert isinstance(signs, Signs)
    inbox = counts if isinstance(counts, Counts) else None
    return View(
        agent=agent,
        signs=signs,
        oldest_unacked_at=inbox.oldest_unacked_at if inbox else None,
        last_asked_at=inbox.last_asked_at if inbox else None,
        parked=inbox.polling if inbox else False,
    )


def _agent_of(name: str) -> str | None:
    """The agent whose container actor has this name."""
    parts = name.split("/")
    return parts[1] if len(parts) == 3 and parts[0] == FLOOR and parts[2] == ROOM else None

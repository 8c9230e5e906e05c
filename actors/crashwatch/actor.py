"""The crash watch: monitors every container actor, and tells the manager of crashes and of stuck agents.

Owns its monitors, and the memory of past silences. Promises: one `container_crash` per crash, with the exit status and
the last lines of the log; none for an ordered end, which ends no actor; none invented after a restart of the daemon or
of this actor, which only place the monitors again; one `agent_stuck` per silence, and a restart for the first one. It
never waits for another actor. Emits `notice`.
"""

import logging
from collections.abc import Mapping

from actors.agent.addresses import CONTAINER, REGISTRY, agent_with, container_actor
from actors.agent.container.exit_class import RULES, ExitClass, sentence
from actors.agent.container.failures import ContainerCrashed
from actors.agent.container.liveness import Liveness
from actors.agent.container.messages import GetLiveness, MarkStuck
from actors.agent.container.watcher import WATCHER, AgentGivenUp, ContainerParked, ContainerUp
from actors.agent.registry.messages import Restart
from actors.broker.api import BROKER, Counts
from actors.broker.messages import GetCounts
from actors.crashwatch import stuck
from actors.crashwatch.messages import Check, Evaluate, Notified, NotifyAgain
from actors.crashwatch.report import AlreadyNotified, notify
from actors.crashwatch.stuck import Episode, StuckAction, View
from actors.events import emit
from actors.supervision import Actor, Clock, Directory, Down, Exit, ExitKind, Promise, Timer
from harness.wire import names
from harness.wire.events import AgentStuck, ContainerCrash, HelperEvent
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
ANSWER_SECONDS = 1.0
"""How long the actors asked by a check may take to answer."""


class CrashwatchActor(Actor):
    """`stuck_seconds`: after how long a silent agent counts as stuck; 0: never."""

    def __init__(self, *, directory: Directory, clock: Clock, stuck_seconds: float) -> None:
        super().__init__(clock=clock)
        self._directory = directory
        self._limit_ms = int(stuck_seconds * 1000)
        self._not_started: set[str] = set()
        """The agents whose failed start has been reported; a start that is tried again and again is no news."""
        self._episodes: dict[str, Episode] = {}
        self._last_ms = 0
        self._timer: Timer | None = None

    def on_start(self) -> None:
        for name in self._directory.names():
            if agent_with(CONTAINER, name) is not None:
                self._directory.monitor(name, WATCHER)
        if self._limit_ms:
            self._arm(self.clock.running_ms() + self._limit_ms)

    def handle(self, message: object) -> None:
        match message:
            case Down(name, exit_):
                self._down(name, exit_)
            case ContainerUp(agent):
                self._not_started.discard(agent)
            case ContainerParked(agent, ContainerCrashed() as error):
                self._crashed(agent, error)
                self._notice(agent, f"is parked: {error.note}")
            case AgentGivenUp(agent, reason):
                self._gave_up(agent, reason)
            case Check():
                self._check()
            case Evaluate(counts, liveness):
                self._evaluate(counts, liveness)
            case NotifyAgain(event):
                self._notify(event, again=True)
            case Notified(event, result):
                self._notified(event, result)

    # ---- ends -----------------------------------------------------------------------------------------

    def _down(self, name: str, exit_: Exit) -> None:
        agent = agent_with(CONTAINER, name)
        if agent is None or exit_.orderly or exit_.kind in {ExitKind.NOT_RUNNING, ExitKind.KILLED}:
            return
        error = exit_.error
        if isinstance(error, ContainerCrashed):
            self._crashed(agent, error)
        elif getattr(error, "not_started", False) and agent not in self._not_started:
            self._not_started.add(agent)
            kind = ExitClass.START_FAILED
            self._report(self._event(agent, kind, f"{sentence(kind, None)}: {error}", None, []))
        # Otherwise the actor failed, not its container, which runs on and is adopted by the next actor.

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
        """Report the end of all tries: the single crash reports do not show that the last crash was the last."""
        name = names.broker_name(agent)
        note = f"is parked and stays down until it is started (`hive start {name}`): {reason}"
        self._notice(agent, note)
        self._notify(AgentStuck(agent=name, note=note, since=self._moment()), again=False)

    # ---- silences -------------------------------------------------------------------------------------

    def _arm(self, at_ms: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.tell_after(max(0.0, (at_ms - self.clock.running_ms()) / 1000), Check())

    def _check(self) -> None:
        agents = [agent for name in self._directory.names() if (agent := agent_with(CONTAINER, name)) is not None]
        liveness = tuple((agent, self._directory.ask_later(container_actor(agent), GetLiveness())) for agent in agents)
        self.tell_after(ANSWER_SECONDS, Evaluate(self._directory.ask_later(BROKER, GetCounts()), liveness))

    def _evaluate(self, counts: Promise[object], liveness: tuple[tuple[str, Promise[object]], ...]) -> None:
        """Act on the stuck agents, and check again when the next agent can be stuck. No answer counts as not known."""
        running_ms = self.clock.running_ms()
        figures = counts.get() if counts.done and counts.error is None else None
        if not isinstance(figures, Mapping):
            self._arm(running_ms + self._limit_ms // 4)
            return
        views = [
            _view(agent, answer.get(), figures.get(names.broker_name(agent)))
            for agent, answer in liveness
            if answer.done and answer.error is None
        ]
        for view in views:
            self._consider(view, running_ms)
        self._arm(stuck.next_check_ms(views, running_ms=running_ms, limit_ms=self._limit_ms))

    def _consider(self, view: View, running_ms: int) -> None:
        since_ms = stuck.silent_since(view)
        if since_ms is None or running_ms - since_ms < self._limit_ms:
            return
        before = self._episodes.get(view.agent)
        step = stuck.next_action(before, since_ms=since_ms, running_ms=running_ms)
        if step is StuckAction.NOTHING:
            return
        restarted = step is StuckAction.RESTART
        last_ms = running_ms if restarted else before.restarted_ms if before else None
        self._episodes[view.agent] = Episode(since_ms, last_ms)
        silence_ms = running_ms - since_ms
        note = stuck.sentence(seconds=silence_ms / 1000, restarted=restarted)
        log.error("agent stuck agent=%s note=%s", view.agent, note)
        self._notice(view.agent, note)
        # Again: an earlier crash watch may have posted it already.
        since = from_ms(self.clock.now_ms() - silence_ms)
        self._notify(AgentStuck(agent=names.broker_name(view.agent), note=note, since=since), again=True)
        self._directory.tell(container_actor(view.agent), MarkStuck(note))
        if restarted:
            self._directory.tell(REGISTRY, Restart(view.agent, now=True))

    # ---- telling --------------------------------------------------------------------------------------

    def _report(self, event: ContainerCrash) -> None:
        log.error("container crashed agent=%s kind=%s note=%s", event.agent, event.kind, event.note)
        self._notice(event.agent, event.note)
        self._notify(event, again=False)

    def _notify(self, event: HelperEvent, *, again: bool) -> None:
        notify(self._directory, event, again=again).then(lambda result: self.tell_self(Notified(event, result)))

    def _notified(self, event: HelperEvent, result: Promise[object]) -> None:
        """Try again as long as the database cannot be written."""
        error = result.error
        if error is None or isinstance(error, AlreadyNotified):
            return
        if not getattr(error, "expected", False):
            raise error
        log.warning("not posted yet event=%s error=%s", type(event).__name__, error)
        self.tell_after(RETRY_SECONDS, NotifyAgain(event))

    def _notice(self, agent: str, text: str) -> None:
        name = names.broker_name(agent)
        emit(self._directory, "notice", {"level": "error", "text": f"{name} {text}", "agent": name})

    def _moment(self) -> str:
        """The present moment, never twice alike: it tells two equal ends apart."""
        self._last_ms = max(self._last_ms + 1, self.clock.now_ms())
        return from_ms(self._last_ms)


def _view(agent: str, liveness: object, counts: object) -> View:
    assert isinstance(liveness, Liveness)
    inbox = counts if isinstance(counts, Counts) else None
    return View(
        agent=agent,
        liveness=liveness,
        mail_since=inbox.waits_since if inbox else None,
        last_asked_at=inbox.last_asked_at if inbox else None,
        polling=inbox.polling if inbox else False,
    )

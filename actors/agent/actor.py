"""The actor of one agent's container.

Owns the container: it alone starts and ends it. Its own end is not the container's: it adopts what runs when it
starts, and only a `Halt` ends it. Promises: an end nobody asked for is noticed through a pidfd and ends this actor
with `ContainerCrashed`, so that its supervisor decides; when a container has ended, whyever, its messages are offered
again. Emits `Observed` to the roster on every change.
"""

import logging
from collections.abc import Callable

from actors.agent import config as agent_config
from actors.agent import journals, parting, resting
from actors.agent.endings import ContainerCrashed, ContainerNotStarted, crash_of, passes
from actors.agent.harness_side import HarnessSide
from actors.agent.hearing import Heard
from actors.agent.host import AgentHost
from actors.agent.kicks import kick_if
from actors.agent.launching import launch_of, publish_config, published_config
from actors.agent.messages import (
    ROSTER,
    Asked,
    AskSigns,
    Control,
    Deaf,
    EarOver,
    Ended,
    EndOnStop,
    Halt,
    HarnessSaid,
    InForce,
    Listen,
    Observed,
    OrderOver,
    Pause,
    Report,
    RestOver,
    Run,
    Silent,
    StopOver,
    TendLog,
)
from actors.agent.runtime import Container, Watch
from actors.agent.standing import Desired, Record, Seen
from actors.agent.state import RUNS, AgentState, End, Lifecycle, classify_end
from actors.broker import api as broker
from actors.crashwatch import api as crashwatch
from actors.crashwatch.detect import RULES, After, ExitClass
from actors.service import api as service
from actors.service.messages import Farewell
from actors.supervision import Actor, Clock, Directory, Exit, Promise, SupervisionError, Timer
from harness.wire.agent_api import Command
from harness.wire.agent_config import AgentConfig
from harness.wire.errors import HiveError, conflict, unavailable
from harness.wire.events import HarnessState

log = logging.getLogger(__name__)


class AgentActor(Actor):
    """`record` reads the agent's row: what is wanted of it at this moment."""

    def __init__(
        self, *, name: str, host: AgentHost, record: Callable[[], Record], directory: Directory, clock: Clock
    ) -> None:
        super().__init__(clock=clock)
        self._agent = name
        self._host = host
        self._record = record
        self._directory = directory
        self._runtime = host.runtime
        self._paths = host.workspace.of(name)
        self._life = Lifecycle(AgentState.STOPPED, clock.now_ms)
        self._container: Container | None = None
        self._watch: Watch | None = None
        self._stop_timer: Timer | None = None
        self._config: AgentConfig | None = None
        self._harness = HarnessSide(self, name)
        self._note: str | None = None
        self._passing = False
        self._started_ms: int | None = None
        self._farewell: Farewell | None = None
        self._halts: list[Promise[None]] = []
        self._runs: list[tuple[Promise[None], str | None]] = []

    def on_start(self) -> None:
        crashwatch.watch(self._directory, self._agent)
        try:
            self._begin()
        except Exception as error:
            self._not_started(error)
            raise ContainerNotStarted(error) from error

    def _begin(self) -> None:
        record = self._record()
        self._host.workspace.prepare(self._agent)
        self._harness.pause(paused=record.paused)
        self.tell_after(journals.TEND_SECONDS, TendLog())
        running = self._runtime.find(self._paths)
        if running is not None:
            self._adopt(running)
        elif record.desired is Desired.RUNNING:
            # Its last container may have ended while nobody looked.
            broker.requeue_later(self._directory, self._agent)
            if record.rests_until_ms is not None and self.clock.now_ms() < record.rests_until_ms:
                self._rest(record.rests_until_ms)
            else:
                self._start()
        if running is not None and record.desired is Desired.STOPPED:
            self._end(AgentState.STOPPING, graceful=True)
        self._report()

    def on_stop(self) -> None:
        """The container runs on, unless this is the end of the hive or the first half of a rebuild."""
        container, farewell = self._container, self._farewell or service.farewell(self._directory)
        self._let_go()
        if container is None or farewell is None:
            return
        if farewell.ends and self._life.state in RUNS:
            self._life.to(AgentState.REBUILDING if farewell.rebuild else AgentState.STOPPING)
            self._report()
        parting.part(
            container, farewell, self._harness.heard, host=self._host, directory=self._directory, clock=self.clock
        )

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002
        self._let_go()

    def state_word(self) -> str:
        return self._life.state.value

    def handle(self, message: object) -> object:
        match message:
            case Run(again, reason, rebuild):
                return self._run(again=again, reason=reason, rebuild=rebuild)
            case EndOnStop(farewell):
                self._farewell = farewell
            case Halt(graceful, forever):
                return self._halt(graceful=graceful, forever=forever)
            case Ended(id_) if self._container is not None and self._container.id == id_:
                self._ended(self._container)
            case StopOver(id_) if self._container is not None and self._container.id == id_:
                log.warning("did not stop in its time agent=%s seconds=%s", self._agent, self._host.stop_seconds)
                self._runtime.kill(self._container)
            case RestOver(until_ms) if self._life.state is AgentState.RESTING and self._harness.heard == resting.heard(
                until_ms
            ):
                self._nap(until_ms)
            case Control(action, value):
                return self._order(Command(action=action, value=value))
            case Pause(paused):
                self._harness.pause(paused=paused)
                self._lives()
            case Listen(key, wait_seconds):
                return self._harness.listen(key, wait_seconds)
            case OrderOver() | EarOver() | Deaf():
                self._harness.handle(message)
            case HarnessSaid(events):
                self._harness_said(events)
            case Report():
                self._report()
            case Silent(note):
                self._stuck(note)
            case Asked():
                self._lives()
            case InForce():
                return self._config
            case AskSigns():
                return self._harness.signs(running=self._life.state in RUNS)
            case TendLog():
                journals.rotate(self._paths.log)
                self.tell_after(journals.TEND_SECONDS, TendLog())
        return None

    # ---- what is wanted -----------------------------------------------------------------------------

    def _run(self, *, again: bool, reason: str | None, rebuild: bool) -> Promise[None] | None:
        state = self._life.state
        if state in {AgentState.DESTROYING, AgentState.DESTROYED}:
            raise conflict(f"{self._agent} is being destroyed")
        if state in RUNS and not again:
            return None
        if self._container is None:
            self._start()
            kick_if(self._directory, self._agent, reason)
            return None
        if state in RUNS:
            self._end(AgentState.REBUILDING if rebuild else AgentState.RESTARTING, graceful=True)
        promise = self.promise()
        self._runs.append((promise, reason))
        return promise

    def _halt(self, *, graceful: bool, forever: bool) -> Promise[None] | None:
        while self._runs:
            self._runs.pop()[0].fail(conflict(f"{self._agent} was stopped meanwhile"))
        work = AgentState.DESTROYING if forever else AgentState.STOPPING
        if self._container is None:
            if forever and self._life.state is not AgentState.DESTROYED:
                self._life.to(AgentState.DESTROYING)
            self._settle()
            return None
        self._end(self._life.state if self._life.state is AgentState.DESTROYING else work, graceful=graceful)
        self._halts.append(promise := self.promise())
        return promise

    # ---- the container ------------------------------------------------------------------------------

    def _start(self) -> None:
        """Start it with the configuration in force. A failure leaves `failed` and its reason behind, nothing else."""
        try:
            with self._life.during(AgentState.STARTING):
                self._harness.heard = Heard()
                self._report()
                self._config = agent_config.in_force(self._paths.applied_config, default_model=self._host.default_model)
                launch = launch_of(self._host, self._agent, self._config)
                publish_config(self._paths, self._config)
                broker.register(
                    self._directory,
                    name=self._agent,
                    role="manager" if launch.manager else "agent",
                    allowed_recipients=self._config.allowedRecipients,
                )
                self._runtime.create(launch)
                self._attach(self._runtime.start(launch))
                self._life.to(AgentState.RUNNING)
        except Exception as error:
            self._not_started(error)
            raise
        self._note = None
        self._started_ms = self.clock.now_ms()
        crashwatch.up(self._directory, self._agent)
        log.info("started agent=%s runtime=%s", self._agent, self._runtime.name)
        self._report()

    def _not_started(self, error: Exception) -> None:
        self._note = f"did not start: {error}"
        self._passing = passes(error)
        self._life.fail()
        self._report()

    def _adopt(self, container: Container) -> None:
        """Take over a container that an earlier life of this actor, or of the daemon, has started."""
        self._config = published_config(self._paths)
        self._life = Lifecycle(AgentState.RUNNING, self.clock.now_ms)
        self._attach(container)
        log.info("adopted agent=%s pid=%s", self._agent, container.pid)

    def _attach(self, container: Container) -> None:
        self._container = container
        self._harness.lives()
        self._passing = False
        self.pid = container.pid
        self._watch = self._runtime.watch(container, lambda: self.tell_self(Ended(container.id)))

    def _end(self, work: AgentState, *, graceful: bool) -> None:
        """Ask the container to end, or end it. What follows is in `_ended`."""
        assert self._container is not None
        if work is not self._life.state:
            self._life.to(work)
        if not graceful:
            self._runtime.kill(self._container)
        elif self._stop_timer is None:
            self._runtime.stop(self._container)
            self._stop_timer = self.tell_after(self._host.stop_seconds, StopOver(self._container.id))
        self._report()

    def _ended(self, container: Container) -> None:
        status = self._runtime.status(self._paths, container)
        self._let_go()
        self._container = self.pid = self._started_ms = None
        limited_until = self._harness.ended()
        broker.requeue_later(self._directory, self._agent)
        if classify_end(self._life.state, status.exit_status) is End.CRASH:
            crash = crash_of(self._runtime, self._paths, status)
            match RULES[crash.kind].after:
                case After.REST:
                    self._rest(resting.end_ms(self._agent, limited_until, now_ms=self.clock.now_ms()))
                case After.PARK:
                    self._park(crash)
                case _:
                    self._life.to(AgentState.FAILED)
                    self._note = str(crash)
                    self._report()
                    raise crash
            return
        log.info("ended agent=%s state=%s status=%s", self._agent, self._life.state.value, status.exit_status)
        self._settle()
        self._run_again()

    def _park(self, crash: ContainerCrashed) -> None:
        """What ended it is not mended by starting it again: rest until somebody does."""
        self._life.to(AgentState.PARKED)
        self._note = f"parked: {crash.note}"
        self._harness.heard = Heard(activity=HarnessState.NEEDS_LOGIN if crash.kind is ExitClass.LOGIN_LOST else None)
        log.error("parked agent=%s reason=%s", self._agent, crash.note)
        crashwatch.parked(self._directory, self._agent, crash)
        self._report()

    def _rest(self, until_ms: int) -> None:
        """No container until then, or until somebody starts it. The roster keeps `until_ms` on disk."""
        self._life.to(AgentState.RESTING)
        self._harness.heard = resting.heard(until_ms)
        self._note = resting.note(self._agent, until_ms)
        log.warning("rests agent=%s note=%s", self._agent, self._note)
        self._report()
        self._nap(until_ms)

    def _nap(self, until_ms: int) -> None:
        seconds = resting.nap_seconds(until_ms, now_ms=self.clock.now_ms())
        if seconds:
            self.tell_after(seconds, RestOver(until_ms))
            return
        try:
            self._start()
        except Exception as error:  # from here on like any start that failed: the supervisor's
            raise ContainerNotStarted(error) from error

    def _settle(self) -> None:
        """There is no container and none is wanted now: rest, and tell who waited for that."""
        if self._life.state is AgentState.RESTING:
            self._harness.heard, self._note = Heard(), None
        self._life.settle()
        self._report()
        while self._halts:
            self._halts.pop().set(None)

    def _run_again(self) -> None:
        runs, self._runs = self._runs, []
        if not runs:
            return
        try:
            self._start()
        except (HiveError, SupervisionError) as error:
            for promise, _ in runs:
                promise.fail(error)
            return
        kick_if(self._directory, self._agent, next((one for _, one in runs if one), None))
        for promise, _ in runs:
            promise.set(None)

    def _let_go(self) -> None:
        """Stop watching the container; it runs on."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._stop_timer is not None:
            self._stop_timer.cancel()
            self._stop_timer = None

    # ---- the harness --------------------------------------------------------------------------------

    def _order(self, command: Command) -> Promise[None]:
        if self._life.state is AgentState.RESTING:
            self._start()  # the operator's word ends a rest: with another model there may be no limit
        if self._life.state not in RUNS:
            raise unavailable(f"{self._agent} does not run", f"`hive start {self._agent}`")
        return self._harness.order(command)

    def _stuck(self, note: str) -> None:
        """The crash watch has waited long enough. Over with the first sign of life; a question for mail is one."""
        if self._life.state is not AgentState.RUNNING:
            return
        self._life.to(AgentState.STUCK)
        self._note = note
        asked = broker.asked_for_mail(self._directory, self._agent, self.clock.now_ms())
        asked.then(lambda done: self.tell_self(Asked()) if done.error is None else None)
        self._report()

    def _lives(self) -> None:
        self._harness.lives()
        if self._life.state is AgentState.STUCK:
            self._life.to(AgentState.RUNNING)
            self._note = None
            self._report()

    def _harness_said(self, events: tuple[dict[str, object], ...]) -> None:
        self._lives()
        if self._harness.said(events):
            self._report()

    def _report(self) -> None:
        heard = self._harness.heard
        seen = Seen(
            state=self._life.state,
            since_ms=self._life.since_ms,
            activity=heard.activity,
            activity_since=heard.since,
            rate_limited_until=heard.rate_limited_until,
            active_model=heard.model,
            note=self._note,
            passing=self._passing,
            runtime=self._runtime.name,
            started_ms=self._started_ms,
        )
        self._directory.tell(ROSTER, Observed(self._agent, seen))

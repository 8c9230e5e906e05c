"""The actor that owns the container of one agent.

Owns the container: this actor alone starts and ends it. The end of the actor is not the end of the container: the next
actor adopts what runs, and only a `Halt` ends it. Promises: an end without an order is noticed through a pidfd and ends
this actor with `ContainerCrashed`, so that its supervisor decides; when a container has ended, for any reason, its
messages are offered again. Emits `StatusReport` to the registry on every change.
"""

import logging
from collections.abc import Callable

from actors.agent.addresses import REGISTRY
from actors.agent.container import limits, logs, rate_limit, watcher
from actors.agent.container import messages as m
from actors.agent.container.ending import shutdown
from actors.agent.container.ending.drain import Drain
from actors.agent.container.ending.in_hand import InHand
from actors.agent.container.ending.orders import Orders
from actors.agent.container.ending.pending_end import left_over
from actors.agent.container.exit_class import RULES, After, ExitClass
from actors.agent.container.failures import ContainerCrashed, ContainerNotStarted, blame, crash_of, is_transient
from actors.agent.container.harness_link import HarnessLink
from actors.agent.container.harness_status import HarnessStatus
from actors.agent.container.launch import prepare_launch, published_config, start
from actors.agent.container.network import open_way_out
from actors.agent.container.state import RUNS, AgentState, Lifecycle, is_end_expected
from actors.agent.container.wakeup import RESTARTED, wake_with
from actors.agent.container.watcher import ContainerParked, ContainerUp
from actors.agent.context import AgentContext
from actors.agent.runtime import Container
from actors.agent.snapshot import AgentRecord, Desired, ObservedStatus
from actors.broker import api as broker
from actors.proxy import api as proxy
from actors.service import api as service
from actors.service.messages import StopPolicy
from actors.supervision import Actor, Clock, Directory, Exit, Promise, SupervisionError
from harness.wire.agent_api import Command
from harness.wire.agent_config import AgentConfig
from harness.wire.errors import HiveError, conflict, unavailable
from harness.wire.events import HarnessState

log = logging.getLogger(__name__)


class ContainerActor(Actor):
    """`record` reads the agent's row: what is desired of the agent at this moment."""

    def __init__(
        self, *, name: str, context: AgentContext, record: Callable[[], AgentRecord], directory: Directory, clock: Clock
    ) -> None:
        super().__init__(clock=clock)
        self._agent = name
        self._context = context
        self._record = record
        self._directory = directory
        self._runtime = context.runtime
        self._paths = context.workspace.of(name)
        self._life = Lifecycle(AgentState.STOPPED, clock.now_ms)
        self._hand = InHand(self, context.runtime, stop_seconds=context.stop_seconds)
        self._config: AgentConfig | None = None
        self._harness = HarnessLink(self, name)
        self._note: str | None = None
        self._transient = False
        self._stop_policy: StopPolicy | None = None
        self._orders = Orders(name)
        self._drain = Drain(self, name, client=context.clients.of(name), directory=directory)

    def on_start(self) -> None:
        watcher.monitor(self._directory, self._agent)
        try:
            self._begin()
        except Exception as error:
            self._not_started(error)
            raise ContainerNotStarted(error) from error

    def _begin(self) -> None:
        record = self._record()
        self._context.workspace.prepare(self._agent)
        self._harness.pause(paused=record.paused)
        self.tell_after(logs.CHECK_SECONDS, m.RotateLog())
        running = self._runtime.find(self._paths)
        if running is not None:
            self._adopt(running)
            self._carry_on(record, running)
        else:
            self._drain.release()
            proxy.close_socket(self._directory, self._paths.name)  # an earlier daemon may have left it open
        if running is None and record.desired is Desired.RUNNING:
            broker.requeue_later(self._directory, self._agent)  # its container may have ended while no daemon ran
            until_ms = record.rate_limited_until_ms
            if until_ms is not None and self.clock.now_ms() < until_ms:
                self._wait_for_limit(until_ms)
            else:
                self._start()
        self._report()

    def _carry_on(self, record: AgentRecord, running: Container) -> None:
        """Carry out the order that the last daemon did not live to carry out; the grace goes on where it was."""
        wanted, grace = record.desired is Desired.RUNNING, self._context.grace_seconds
        left = left_over(record.ending, wanted=wanted, grace_seconds=grace, now_ms=self.clock.now_ms())
        if wanted and not running.harness_apart:
            self._run(m.Run(again=True, rebuild=True, now=True))
        elif left is None:
            self._drain.release()
        else:
            if wanted:
                self._orders.run(self.promise(), RESTARTED if left.work is AgentState.RESTARTING else None)
            self._end_after_turn(left.work, seconds=left.seconds)

    def on_stop(self) -> None:
        """The container runs on, unless this is the end of the hive or the first half of a rebuild."""
        container, policy = self._hand.container, self._stop_policy or service.stop_policy(self._directory)
        self._hand.let_go()
        if container is None or policy is None:
            return
        if policy.ends and self._life.state in RUNS:
            self._life.to(AgentState.REBUILDING if policy.rebuild else AgentState.STOPPING)
            self._report()
        shutdown.shut_down(
            container, policy, self._harness.status, context=self._context, directory=self._directory, clock=self.clock
        )

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002
        self._hand.let_go()

    def state_word(self) -> str:
        return (self._drain.words or self._life.state.value) + self._harness.status.left_words(self.clock.now_ms())

    def handle(self, message: object) -> object:
        match message:
            case m.Run():
                return self._run(message)
            case m.EndOnStop(policy):
                self._stop_policy = policy
            case m.Halt():
                return self._halt(message)
            case m.AwaitTurn():
                return self._await_turn()
            case m.TurnSettled():
                self._drain.settled(message)
                self._end_if_drained()
            case m.DrainTimeout(until_ms) if (late := self._drain.pending) is not None and late.until_ms == until_ms:
                if self._orders.turn_over():
                    self._end_after_turn(late.work, seconds=0)
            case m.ContainerEnded(id_) if self._hand.holds(id_):
                self._ended()
            case m.StopTimeout(id_):
                self._hand.late(id_)
            case m.RateLimitOver(until_ms, over_at) if (
                self._life.state is AgentState.RATE_LIMITED and self._harness.status == rate_limit.status(until_ms)
            ):
                self._check_limit(until_ms, over_at)
            case m.Control(action, value):
                return self._control(Command(action=action, value=value))
            case m.Pause(paused):
                self._harness.pause(paused=paused)
                self._note_alive()
            case m.Poll(key, wait_seconds):
                return self._harness.poll(key, wait_seconds)
            case m.CommandTimeout() | m.PollTimeout() | m.Disconnected():
                self._harness.handle(message)
            case m.HarnessEvents(events):
                self._take_events(events)
            case m.ReportStatus():
                self._report()
            case m.MarkStuck(note):
                self._mark_stuck(note)
            case m.AskedForMail():
                self._note_alive()
            case m.GetConfig():
                return self._config
            case m.GetLiveness():
                served = self._context.clients.of(self._agent).suspended is None
                return self._harness.liveness(running=served and self._life.state in RUNS)
            case m.RotateLog():
                logs.rotate(self._paths.log)
                self.tell_after(logs.CHECK_SECONDS, m.RotateLog())
        return None

    # ---- orders --------------------------------------------------------------------------------------

    def _run(self, order: m.Run) -> Promise[None] | None:
        state = self._life.state
        if AgentState.DESTROYING in {state, self._drain.work} or state is AgentState.DESTROYED:
            raise conflict(f"{self._agent} is being destroyed")
        if state in RUNS and not order.again:
            if self._drain.work is AgentState.STOPPING:
                self._drain.release()
                self._orders.refuse_halts()
                self._report()
            return None
        if self._hand.container is None:
            self._start()
            wake_with(self._directory, self._agent, order.wakeup)
            return None
        promise = self._orders.run(self.promise(), order.wakeup)
        if state in RUNS:
            work = AgentState.REBUILDING if order.rebuild else AgentState.RESTARTING
            self._end_after_turn(work, seconds=0 if order.now else self._context.grace_seconds)
        return promise

    def _halt(self, order: m.Halt) -> Promise[None] | None:
        self._orders.refuse_runs()
        if self._hand.container is None:
            if order.forever and self._life.state is not AgentState.DESTROYED:
                self._life.to(AgentState.DESTROYING)
            self._settle()
            return None
        forever = order.forever or AgentState.DESTROYING in {self._life.state, self._drain.work}
        work = AgentState.DESTROYING if forever else AgentState.STOPPING
        if order.graceful and self._life.state in RUNS:
            self._end_after_turn(work, seconds=0 if order.now else self._context.grace_seconds)
        else:
            self._drain.finish()
            self._end(work, graceful=order.graceful)
        return self._orders.halt(self.promise())

    def _end_after_turn(self, work: AgentState, *, seconds: float) -> None:
        """End the container when its running turn is over, at the latest after `seconds`."""
        if self._drain.begin(work, self._harness.status, seconds=seconds):
            self._report()
        else:
            self._end(work, graceful=True)

    def _end_if_drained(self) -> None:
        if (over := self._drain.taken_if_over(self._harness.status)) is not None and self._orders.turn_over():
            self._end(over.work, graceful=True)

    def _await_turn(self) -> Promise[None] | None:
        work, seconds = AgentState.REBUILDING, self._context.grace_seconds
        if self._life.state not in RUNS or not self._drain.begin(work, self._harness.status, seconds=seconds):
            return None
        self._report()
        return self._orders.await_turn(self.promise())

    # ---- the container ------------------------------------------------------------------------------

    def _start(self) -> None:
        """Start the container with the configuration in force. A failure leaves `failed` and its reason behind."""
        try:
            with self._life.during(AgentState.STARTING):
                self._harness.status = HarnessStatus()
                self._report()
                launch, self._config = prepare_launch(self._context, self._directory, self._record())
                self._attach(start(self._context, launch), launch.credential, started_ms=self.clock.running_ms())
                self._life.to(AgentState.RUNNING)
        except Exception as error:
            self._not_started(error)
            raise
        self._note = None
        watcher.tell(self._directory, ContainerUp(self._agent))
        log.info("started agent=%s runtime=%s pid=%s", self._agent, self._runtime.name, self.pid)
        self._report()

    def _not_started(self, error: Exception) -> None:
        self._note = f"did not start: {error}"
        self._transient = is_transient(error)
        self._life.fail()
        self._report()

    def _adopt(self, container: Container) -> None:
        """Take over a container that an earlier actor or an earlier daemon has started."""
        self._config = published_config(self._paths)
        self._life = Lifecycle(AgentState.RUNNING, self.clock.now_ms)
        open_way_out(self._context, self._directory, self._paths, (self._config or AgentConfig()).network)
        self._attach(container, None, started_ms=None)
        log.info("adopted agent=%s pid=%s", self._agent, container.pid)

    def _attach(self, container: Container, credential: str | None, *, started_ms: int | None) -> None:
        self.pid, self._transient = container.pid, False
        self._harness.note_alive()
        self._hand.take(container, started_ms=started_ms, credential=credential)

    def _end(self, work: AgentState, *, graceful: bool) -> None:
        """Ask the container to end, or kill it. What follows is in `_ended`."""
        if work is not self._life.state:
            self._life.to(work)
        self._hand.end(graceful=graceful)
        self._report()

    def _ended(self) -> None:
        status = self._runtime.status(self._paths, self._hand.ended())
        self.pid = None
        limited_until = self._harness.ended()
        crash = None if is_end_expected(self._life.state) else crash_of(self._runtime, self._paths, status)
        broker.requeue_later(self._directory, self._agent, failure=None if crash is None else blame(crash))
        proxy.close_socket(self._directory, self._paths.name)
        if (drained := self._drain.release()) is not None:
            log.warning("ended before its turn did agent=%s crash=%s", self._agent, crash)
            self._life.to(drained.work)
        elif crash is not None:
            match RULES[crash.kind].after:
                case After.WAIT:
                    self._wait_for_limit(rate_limit.end_ms(self._agent, limited_until, now_ms=self.clock.now_ms()))
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
        """Stay down until a person starts the agent: a restart does not mend what ended it."""
        self._life.to(AgentState.PARKED)
        self._note = f"parked: {crash.note}"
        self._harness.status = HarnessStatus(
            activity=HarnessState.NEEDS_LOGIN if crash.kind is ExitClass.LOGIN_LOST else None
        )
        log.error("parked agent=%s reason=%s", self._agent, crash.note)
        watcher.tell(self._directory, ContainerParked(self._agent, crash))
        self._report()

    def _wait_for_limit(self, until_ms: int) -> None:
        """Have no container until then, or until a person starts the agent. The registry keeps `until_ms` on disk."""
        self._life.to(AgentState.RATE_LIMITED)
        self._harness.status = rate_limit.status(until_ms)
        self._note = rate_limit.note(self._agent, until_ms)
        log.warning("rate limited agent=%s note=%s", self._agent, self._note)
        self._report()
        self._check_limit(until_ms, self.clock.elapsed() + (until_ms - self.clock.now_ms()) / 1000)

    def _check_limit(self, until_ms: int, over_at: float) -> None:
        now_ms, elapsed = self.clock.now_ms(), self.clock.elapsed()
        seconds = rate_limit.seconds_to_check(until_ms, over_at, now_ms=now_ms, elapsed=elapsed)
        if seconds:
            self.tell_after(seconds, m.RateLimitOver(until_ms, over_at))
            return
        try:
            self._start()
        except Exception as error:  # from here on it is a failed start like any other, and the supervisor decides
            raise ContainerNotStarted(error) from error

    def _settle(self) -> None:
        """Note that there is no container and none is wanted now, and answer the orders that waited for that."""
        if self._life.state is AgentState.RATE_LIMITED:
            self._harness.status, self._note = HarnessStatus(), None
        self._life.settle()
        self._report()
        self._orders.ended()

    def _run_again(self) -> None:
        try:
            if self._orders.starts_again:
                self._start()
        except (HiveError, SupervisionError) as error:
            self._orders.not_started(error)
            return
        wake_with(self._directory, self._agent, self._orders.started())

    # ---- the harness --------------------------------------------------------------------------------

    def _control(self, command: Command) -> Promise[None]:
        if self._life.state is AgentState.RATE_LIMITED:
            self._start()  # an operator command ends the wait: with another model there may be no limit
        if self._life.state not in RUNS:
            raise unavailable(f"{self._agent} does not run", f"`hive start {self._agent}`")
        return self._harness.command(command)

    def _mark_stuck(self, note: str) -> None:
        """Take the verdict of the crash watch. It ends with the first sign of life; asking for mail is one."""
        if self._life.state is not AgentState.RUNNING:
            return
        self._life.to(AgentState.STUCK)
        self._note = note
        asked = broker.asked_for_mail(self._directory, self._agent, self.clock.now_ms())
        asked.then(lambda done: self.tell_self(m.AskedForMail()) if done.error is None else None)
        self._report()

    def _note_alive(self) -> None:
        self._harness.note_alive()
        if self._life.state is AgentState.STUCK:
            self._life.to(AgentState.RUNNING)
            self._note = None
            self._report()

    def _take_events(self, events: tuple[dict[str, object], ...]) -> None:
        self._note_alive()
        if self._harness.take_events(events):
            self._report()
            self._end_if_drained()

    def _report(self) -> None:
        status = ObservedStatus(
            state=self._life.state,
            since_ms=self._life.since_ms,
            **self._harness.status.observed(),
            note=self._note,
            transient=self._transient,
            runtime=self._runtime.name,
            **limits.shown(self._runtime, self._config),
            **self._hand.observed(),
            draining=self._drain.pending,
        )
        self._directory.tell(REGISTRY, m.StatusReport(self._agent, status))

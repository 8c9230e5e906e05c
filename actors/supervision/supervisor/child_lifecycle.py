"""How a supervisor starts and stops its children, one or a wave at a time. It carries out and decides nothing.

Runs in the supervisor's greenlet and blocks it while children start or stop, never longer than their shutdown timeouts.
"""

import logging
from collections.abc import Sequence

from actors.supervision.actor.actor import Actor
from actors.supervision.actor.messages import DrainThenStop, Stop
from actors.supervision.clock import Clock, Timer
from actors.supervision.directory import Directory
from actors.supervision.exits import Exit
from actors.supervision.supervisor.children import Child, Children
from actors.supervision.supervisor.messages import ChildEnded
from actors.supervision.supervisor.reports import NEXT_STOPPED, Context, report
from actors.supervision.supervisor.spec import Shutdown
from actors.supervision.supervisor.strategy import ChildState, Wave

logger = logging.getLogger(__name__)


class ChildLifecycle:
    """Starts and stops the children of one supervisor."""

    def __init__(self, supervisor: Actor, directory: Directory, clock: Clock) -> None:
        self._supervisor = supervisor
        self._directory = directory
        self._clock = clock

    def name_of(self, child_id: str) -> str:
        """The name of a child in the directory."""
        return self._directory.child_name(self._supervisor.name, child_id)

    def start(self, child: Child) -> Exit | None:
        """Start one child and wait until it is up; the failure when it is not."""
        return self.launch(child) or self.await_start(child)

    def start_wave(self, children: Children, wave: Wave) -> list[tuple[Child, Exit]]:
        """Start these children at the same time and wait until all are up; those that failed, in order, and how."""
        members = _members(children, wave)
        for child in members:
            child.set_down()
        launched = [(child, self.launch(child)) for child in members]
        ended = [(child, failure or self.await_start(child)) for child, failure in launched]
        return [(child, failure) for child, failure in ended if failure is not None]

    def start_waves(self, children: Children, waves: Sequence[Wave]) -> Child | None:
        """Start wave after wave; the first child that fails ends that, and is returned."""
        for wave in waves:
            failed = self.start_wave(children, wave)
            if failed:
                return failed[0][0]
        return None

    def stop_waves(self, children: Children, waves: Sequence[Wave]) -> None:
        """Stop wave after wave, the members of one at the same time, each until its own shutdown timeout."""
        for wave in waves:
            members = _members(children, wave)
            for child, deadline in [(child, self._request_stop(child)) for child in members]:
                self._await_stop(child, deadline)

    def launch(self, child: Child) -> Exit | None:
        """Build and launch a fresh incarnation; the failure when it did not get that far."""
        name = self.name_of(child.spec.id)
        before = self._directory.actor(name)
        if before is not None and before.dying:
            # The child of a supervisor that was killed: killed with it, and not waited for until now.
            before.ended.wait()
        try:
            actor = child.spec.start()
            self._directory.launch(actor, name)
        except Exception as error:
            logger.exception("start failed name=%s", name)
            error.__traceback__ = None
            failure = Exit.failed(error)
            child.last_failure = failure
            return failure
        child.actor = actor
        child.done = False
        return None

    def await_start(self, child: Child) -> Exit | None:
        """Wait until a launched child is up; the failure when it is not."""
        actor, supervisor = child.actor, self._supervisor
        assert actor is not None, "awaited before it was launched"
        actor.started.wait()
        if actor.started.error is not None:
            failure = actor.ended.get()
            child.last_failure = failure
            child.actor = None
            return failure
        child.state = ChildState.UP
        actor.ended.then(lambda ended: supervisor.tell(ChildEnded(actor, ended.get())))
        return None

    def _request_stop(self, child: Child) -> Timer | None:
        """Ask a child to stop, or kill it where its specification says so; the timer kills it at its timeout."""
        actor, timeout = child.actor, child.spec.shutdown_timeout
        if actor is None:
            return None
        if timeout is Shutdown.KILL:
            actor.kill("its specification says so")
            return None
        actor.tell(DrainThenStop(Exit.shutdown()) if child.spec.drain else Stop(Exit.shutdown()))
        if isinstance(timeout, Shutdown):
            return None
        return self._clock.call_later(timeout, lambda: actor.kill(f"did not stop within {timeout:g} s"))

    def _await_stop(self, child: Child, deadline: Timer | None) -> None:
        """Wait for the end of a child that was asked to stop."""
        actor = child.actor
        try:
            if actor is not None:
                exit_reason = actor.ended.get()
                if not exit_reason.orderly and child.spec.shutdown is not Shutdown.KILL:
                    child.last_failure = exit_reason
                    report(
                        Context.STOP_FAILED,
                        child,
                        exit_reason,
                        supervisor=self._supervisor.name,
                        actor=actor.name,
                        next_step=NEXT_STOPPED,
                        pid=actor.pid,
                    )
        finally:
            if deadline is not None:
                deadline.cancel()
        child.set_down()


def _members(children: Children, wave: Wave) -> list[Child]:
    return [child for child in map(children.get, wave) if child is not None]

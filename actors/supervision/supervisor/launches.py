"""Starts that a supervisor does not wait for: many children start at the same time, and it answers meanwhile.

Part of one supervisor and run in it. A child that is being launched is `restarting`: it is to run and does not yet.
Promises: the reply tells whether this very start went well; a launch under way is not doubled; a child that is
terminated or restarted meanwhile answers its launch with a failure.
"""

from collections.abc import Callable

from actors.supervision.actor.actor import Actor
from actors.supervision.errors import StartFailed
from actors.supervision.exits import Exit
from actors.supervision.promise import Promise
from actors.supervision.supervisor.child_lifecycle import ChildLifecycle
from actors.supervision.supervisor.children import Child, Children
from actors.supervision.supervisor.messages import ChildLaunched
from actors.supervision.supervisor.reports import NEXT_DOWN, NEXT_FORGOTTEN, Context
from actors.supervision.supervisor.spec import ChildSpec
from actors.supervision.supervisor.strategy import ChildState

OVERTAKEN = Exit.shutdown("it was stopped while it started")


class Launches:
    """`report` is the supervisor's."""

    def __init__(self, supervisor: Actor, lifecycle: ChildLifecycle, report: Callable[..., None]) -> None:
        self._supervisor = supervisor
        self._lifecycle = lifecycle
        self._report = report

    def launch(self, children: Children, spec: ChildSpec) -> Promise[str]:
        """Launch a fresh incarnation; the promise is kept when it is up."""
        child = children.get(spec.id)
        if child is not None and child.launch is not None:
            return child.launch
        added = child is None
        if child is None:
            child = Child(spec)
            children.add(child)
        elif child.actor is not None:
            self._lifecycle.stop_waves(children, ((spec.id,),))
        child.set_down()
        reply: Promise[str] = self._supervisor.promise()
        failure = self._lifecycle.launch(child)
        if failure is not None:
            self._failed(children, child, failure, ChildLaunched(self._supervisor, added, reply))
            return reply
        child.state = ChildState.RESTARTING
        child.launch = reply
        actor, supervisor = child.actor, self._supervisor
        assert actor is not None, "it was launched"
        actor.started.then(lambda _started: supervisor.tell(ChildLaunched(actor, added, reply)))
        return reply

    def over(self, children: Children, launched: ChildLaunched) -> None:
        """Take the end of a start."""
        child = children.running(launched.actor)
        if child is None or child.launch is not launched.reply:
            launched.reply.fail(StartFailed(launched.actor.name, launched.actor.exit_reason or OVERTAKEN))
            return
        child.launch = None
        failure = self._lifecycle.await_start(child)
        if failure is not None:
            self._failed(children, child, failure, launched)
            return
        child.restarts += not launched.added
        launched.reply.set(launched.actor.name)

    def _failed(self, children: Children, child: Child, failure: Exit, launched: ChildLaunched) -> None:
        self._report(Context.START_FAILED, child, failure, NEXT_FORGOTTEN if launched.added else NEXT_DOWN)
        child.set_down()
        if launched.added:
            children.remove(child.spec.id)
        launched.reply.fail(StartFailed(self._lifecycle.name_of(child.spec.id), failure))

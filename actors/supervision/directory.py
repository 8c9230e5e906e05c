"""Which actor runs under which name: the only way to address an actor.

Owns the names and the watches. No component keeps references: a restarted actor is found again
under its name. Children of the root have their bare id as name, deeper ones the path below the root:
"broker", "agents/alice/container".
"""

from typing import Any

import pykka

from actors.supervision.actor.actor import Actor
from actors.supervision.actor.messages import Down, Stop
from actors.supervision.clock import SYSTEM_CLOCK, Clock
from actors.supervision.errors import AskTimeout, NotRunning
from actors.supervision.exits import Exit, ExitKind
from actors.supervision.promise import Promise

ASK_SECONDS = 5.0


class Directory:
    """Names of one tree; `root` is the actor whose children have no prefix."""

    def __init__(self, *, root: str = "hive") -> None:
        self.root = root
        self._actors: dict[str, Actor] = {}
        # An inner dict for its order: a watcher that asks twice is told once.
        self._watchers: dict[str, dict[str, None]] = {}

    def child_name(self, parent: str, child_id: str) -> str:
        """The name of a child of this supervisor."""
        return child_id if parent == self.root else f"{parent}/{child_id}"

    # For every caller.

    def ask(self, name: str, message: Any, timeout: float = ASK_SECONDS) -> Any:
        """The actor's reply. Raises its expected errors, `ActorCrashed`, `NotRunning` and `AskTimeout`."""
        reply = self._running(name).ask_later(message)
        try:
            return reply.get(timeout=timeout)
        except AskTimeout:
            raise AskTimeout(name, timeout) from None

    def ask_later(self, name: str, message: Any) -> Promise[Any]:
        """The promise of the reply, without waiting. It fails with `NotRunning` when no actor has this name."""
        actor = self._actors.get(name)
        if actor is not None:
            return actor.ask_later(message)
        reply: Promise[Any] = Promise()
        reply.fail(NotRunning(name))
        return reply

    def tell(self, name: str, message: Any) -> bool:
        """Put a message into the actor's mailbox; False when no actor has this name."""
        actor = self._actors.get(name)
        return actor is not None and actor.tell(message)

    def whereis(self, name: str) -> pykka.ActorRef[Actor] | None:
        """Pykka's reference of the actor that has this name now, to be used at once and not kept."""
        actor = self._actors.get(name)
        return None if actor is None else actor.actor_ref

    def names(self) -> list[str]:
        """Every name in use, in the order of their starts."""
        return list(self._actors)

    def monitor(self, name: str, watcher: str) -> None:
        """Tell `watcher` `Down(name, exit)` once, when `name` ends; at once when it does not run."""
        if name in self._actors:
            self._watchers.setdefault(name, {})[watcher] = None
        else:
            self.tell(watcher, Down(name, Exit(ExitKind.NOT_RUNNING)))

    def demonitor(self, name: str, watcher: str) -> None:
        """Withdraw a `monitor`; nothing happens when there is none."""
        self._watchers.get(name, {}).pop(watcher, None)

    # For the owner of the root, and for tests.

    def boot(self, actor: Actor, name: str | None = None) -> None:
        """Start an actor without a supervisor, usually the root, and wait until it is up. Raises `StartFailed`."""
        self.launch(actor, self.root if name is None else name).get()

    def stop(self, name: str, seconds: float | None = None, *, clock: Clock = SYSTEM_CLOCK) -> Exit:
        """Stop an actor in order, kill it after `seconds`, and wait. Its supervisor, if any, sees an ordinary end."""
        actor = self._running(name)
        actor.tell(Stop(Exit.shutdown("stopped by name")))
        timer = None if seconds is None else clock.call_later(seconds, lambda: actor.kill("did not stop in time"))
        try:
            return actor.ended.get()
        finally:
            if timer is not None:
                timer.cancel()

    def wait(self, name: str, timeout: float | None = None) -> Exit:
        """Wait for the end of the actor that has this name now. Raises `AskTimeout` after `timeout` seconds."""
        actor = self._running(name)
        if not actor.ended.wait(timeout):
            raise AskTimeout(name, timeout or 0.0)
        return actor.ended.get()

    # For supervisors.

    def launch(self, actor: Actor, name: str) -> Promise[None]:
        """Register an actor and start it; the promise is kept when the actor is up."""
        if name in self._actors:
            raise ValueError(f"the name {name} is taken")
        self._actors[name] = actor
        actor.ended.then(lambda ended: self._forget(name, ended.get()))
        return actor.begin(name)

    def actor(self, name: str) -> Actor | None:
        """The actor that has this name, for introspection."""
        return self._actors.get(name)

    def _running(self, name: str) -> Actor:
        actor = self._actors.get(name)
        if actor is None:
            raise NotRunning(name)
        return actor

    def _forget(self, name: str, exit_reason: Exit) -> None:
        del self._actors[name]
        for watcher in self._watchers.pop(name, ()):
            self.tell(watcher, Down(name, exit_reason))

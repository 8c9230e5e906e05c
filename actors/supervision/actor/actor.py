"""The gevent actor: pykka's `Actor` on its own extension points, with an end that always has a reason.

Owns one greenlet, one mailbox, its timers and its open promises; all of them end with it.
Promises: `on_start` has returned before the actor counts as up; the actor handles one message at a
time; an expected error (`expected = True` on its class) goes back to the asker and the actor lives;
any other exception, BaseExceptions included, ends this actor and no other one, and its supervisor
gets the `Exit`; exactly one of `on_stop` (orderly) and `on_crash` (not) runs to its end.
"""

import logging
import traceback
from time import monotonic
from typing import Any, ClassVar

import gevent
import pykka
from gevent import GreenletExit
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.supervision.actor.mailbox import Mailbox
from actors.supervision.actor.messages import DrainThenStop, Stop
from actors.supervision.actor.phase import Phase, advance
from actors.supervision.actor.ticks import Ticks
from actors.supervision.actor.vitals import Vitals
from actors.supervision.clock import SYSTEM_CLOCK, Clock, Timer
from actors.supervision.errors import ActorCrashed, NotRunning, StartFailed
from actors.supervision.exits import Exit
from actors.supervision.origin import ORIGIN, Origin, is_of_the_machine
from actors.supervision.promise import Promise

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.002
"""An actor with a backlog lets the others run this often. Real time, whatever the actor's clock says."""
KILL_RETRY_SECONDS = 0.25
"""How long an actor may take over its cleanup after a kill before it is killed again."""
MAX_KILLS = 4
"""After so many kills a greenlet that swallows them is abandoned: declared ended, and logged."""

_STOPS = (Stop, DrainThenStop, _ActorStop)
_ENDED = Phase.ENDED
"""Looked up for every message."""

_living: set["Actor"] = set()


def living() -> frozenset["Actor"]:
    """Every actor between its start and its end, in every directory; for leak checks."""
    return frozenset(_living)


class Actor(pykka.Actor):
    """Subclasses override `on_start`, `handle`, `on_stop`, `on_crash` and `state_word`, and nothing else."""

    actor_inbox: Mailbox
    kind: ClassVar[str] = "actor"
    """The `kind` of its node in the tree."""
    pid: int | None = None
    """The OS process that the actor stands for, if any; the tree shows its memory."""

    def __init__(self, *, clock: Clock = SYSTEM_CLOCK) -> None:
        # Before pykka's own __init__, which makes the mailbox.
        self.clock = clock
        self._monotonic = clock.monotonic
        super().__init__()
        self.name = ""
        """The name in the directory; '' before the start."""
        self.started: Promise[None] = Promise()
        """Kept when `on_start` has returned, fails with `StartFailed` otherwise."""
        self.ended: Promise[Exit] = Promise()
        """Kept when everything of this actor is gone."""
        self._phase = Phase.NEW
        self._exit: Exit | None = None
        self._kill_detail: str | None = None
        self._kill_requested = False
        self._kill_timer: Timer | None = None
        self._greenlet: gevent.Greenlet | None = None
        self._ticks = Ticks(clock, self.actor_inbox)
        self._promises: set[Promise[Any]] = set()
        self._handled = 0
        self._origin: Origin | None = None
        self._current: object = None
        self._current_since = 0.0
        self._started_at: float | None = None

    # What a subclass overrides.

    def on_start(self) -> None:
        """Acquire what the actor needs. The actor is up when this has returned; raising is a failed start."""

    def handle(self, message: Any) -> Any:
        """Answer one message. The value is the reply; a `Promise` is a reply that comes later."""
        logger.warning("unexpected message name=%s message=%s", self.name, type(message).__name__)

    def on_stop(self) -> None:
        """The orderly end (normal, shutdown), after the last message."""

    def on_crash(self, exit_reason: Exit) -> None:
        """Every other end: a failed start, an exception, a kill. Must be quick (see `KILL_RETRY_SECONDS`)."""

    def state_word(self) -> str:
        """The actor's state in the tree, as one short word."""
        return self._phase.value

    # What a subclass uses.

    def promise(self) -> Promise[Any]:
        """A reply to be given later. It fails with `NotRunning` when the actor ends first."""
        promise: Promise[Any] = Promise()
        self._promises.add(promise)
        promise.then(self._promises.discard)
        return promise

    def tell_self(self, message: Any) -> None:
        """Put a message at the end of the actor's own mailbox."""
        self.actor_inbox.put(Envelope(message))

    def tell_after(self, seconds: float, message: Any) -> Timer:
        """Put a message into the actor's own mailbox after a time by its clock. The timer ends with the actor."""
        return self._ticks.tell_after(seconds, message)

    def exit(self, exit_reason: Exit) -> None:
        """End after the present message, whose reply is still given."""
        self._exit = exit_reason

    # What the supervision system uses.

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def exit_reason(self) -> Exit | None:
        """How the actor ends, or ended; None while that is open."""
        return self._exit

    @property
    def dying(self) -> bool:
        """Whether the actor was killed and is only cleaning up."""
        return self._kill_detail is not None

    def tell(self, message: Any) -> bool:
        """Put a message into the mailbox; False when the actor has ended."""
        if self._phase is _ENDED:
            return False
        self.actor_inbox.put(Envelope(message))
        return True

    def ask_later(self, message: Any) -> Promise[Any]:
        """Put a message into the mailbox; the promise of its reply."""
        reply: Promise[Any] = Promise()
        if self._phase is _ENDED:
            reply.fail(NotRunning(self.name))
        else:
            self.actor_inbox.put(Envelope(message, reply))
        return reply

    def begin(self, name: str) -> Promise[None]:
        """Start the greenlet under this name; the promise is `started`."""
        self.name = name
        self._start_actor_loop()
        return self.started

    def kill(self, detail: str = "", *, requested: bool = False) -> None:
        """End now, in the middle of a message if need be. Returns at once; `ended` is kept when the end is complete.

        `requested`: a person wants this actor restarted; the restart does not count against its supervisor's budget.
        """
        if self._phase is not Phase.ENDED and self._kill_detail is None:
            self._kill_detail = detail
            self._kill_requested = requested
            self._kill_again(MAX_KILLS)

    def stack(self) -> list[str]:
        """The actor's call stack, outermost call first; empty without a greenlet and while it waits for a message."""
        frame = self._greenlet.gr_frame if self._greenlet is not None else None
        if frame is None or (self._current is None and self._phase is Phase.RUNNING):
            return []
        return [line for entry in traceback.format_stack(frame) for line in entry.rstrip().splitlines()]

    def vitals(self) -> Vitals:
        """What can be seen from outside, also when the actor is stuck."""
        now = self._monotonic()
        current = self._current
        return Vitals(
            state=self.state_word(),
            mailbox=len(self.actor_inbox),
            handled=self._handled,
            current=None if current is None else type(current).__name__,
            busy_seconds=None if current is None else now - self._current_since,
            oldest_seconds=self.actor_inbox.oldest_seconds(),
            uptime_seconds=None if self._started_at is None else now - self._started_at,
        )

    # pykka's extension points.

    def _create_actor_inbox(self) -> Mailbox:  # type: ignore[override] # pykka calls it on the instance
        return Mailbox(self._monotonic)

    @staticmethod
    def _create_future() -> Promise[Any]:
        return Promise()

    def _start_actor_loop(self) -> None:
        self._phase = advance(self._phase, Phase.STARTING)
        _living.add(self)
        self._greenlet = gevent.Greenlet(self._actor_loop)
        # A greenlet killed before its first turn never runs the loop: its end is noticed here.
        self._greenlet.rawlink(lambda _greenlet: self._release(self._exit_of(GreenletExit())))
        self._greenlet.start()

    def _actor_loop(self) -> None:
        """Pykka's loop with another end: an exception that escapes ends this actor; pykka's would stop all of them."""
        try:
            self.on_start()
            self._come_up()
            exit_reason = self._live()
            if self._phase is Phase.RUNNING:
                self._phase = advance(self._phase, Phase.STOPPING)
                self.on_stop()
        except BaseException as error:
            exit_reason = self._exit_of(error)
            if self._phase is not Phase.ENDED:
                self._crash(error, exit_reason)
        self._release(exit_reason)

    # Private work.

    def _come_up(self) -> None:
        self._phase = advance(self._phase, Phase.RUNNING)
        self._started_at = self._monotonic()
        self.started.set(None)

    def _live(self) -> Exit:
        inbox = self.actor_inbox
        turn_began = monotonic()
        while self._exit is None:
            if inbox.empty():
                inbox.wait()
                turn_began = monotonic()
            elif monotonic() - turn_began > SLICE_SECONDS:
                gevent.sleep(0)
                turn_began = monotonic()
            # The envelope gets no name: one would keep the last message alive while the actor waits for the next.
            self._take(inbox.get())
        return self._exit

    def _take(self, envelope: Envelope[Any]) -> None:
        """Handle one message, from the mailbox to its reply. Raises what ends the actor."""
        message, reply_to = envelope.message, envelope.reply_to
        if isinstance(message, _STOPS):
            if isinstance(message, Stop | DrainThenStop):
                self._exit = message.exit
            else:
                self._exit = Exit.shutdown("stopped by its reference")
            if reply_to is not None:
                self.ended.then(lambda _ended: reply_to.set(None))
            return
        origin = self.actor_inbox.origin
        if origin is not self._origin:
            self._origin = origin
            ORIGIN.set(origin)
        self._current_since = self._monotonic()
        self._current = message
        try:
            reply = self.handle(message)
        except BaseException as error:
            self._handled += 1
            if getattr(error, "expected", False):
                self._current = None
                self._refuse(message, error, reply_to)
                return
            if reply_to is not None:
                reply_to.set_exception((ActorCrashed, ActorCrashed(self.name, self._exit_of(error)), None))
            raise
        self._handled += 1
        self._current = None
        if reply_to is None:
            return
        if isinstance(reply, Promise):
            reply.forward(reply_to)
        else:
            reply_to.set(reply)

    def _refuse(self, message: Any, error: BaseException, reply_to: pykka.Future[Any] | None) -> None:
        if reply_to is not None:
            reply_to.set_exception((type(error), error, error.__traceback__))
        else:
            logger.warning("refused name=%s message=%s error=%s", self.name, type(message).__name__, error)

    def _exit_of(self, error: BaseException) -> Exit:
        if isinstance(error, GreenletExit):
            return Exit.killed(self._kill_detail or "killed from outside", requested=self._kill_requested)
        return Exit.failed(error, origin=ORIGIN.get())

    def _crash(self, error: BaseException, exit_reason: Exit) -> None:
        """Report, let the subclass clean up, and drop the traceback, which would keep every frame alive."""
        message = type(self._current).__name__ if self._current is not None else "-"
        if isinstance(error, GreenletExit):
            logger.warning("killed name=%s message=%s exit=%s", self.name, message, exit_reason)
        else:
            where = (self.name, self._phase.value, message, exit_reason)
            if getattr(error, "outside", False):
                # A fact about something that the actor looks after, and no fault in it: the supervisor reports it.
                logger.debug("ended name=%s phase=%s message=%s exit=%s", *where)
            else:
                logger.error("crashed name=%s phase=%s message=%s exit=%s", *where, exc_info=error)
        if exit_reason.origin is not None:
            self._blame(exit_reason.origin, exit_reason)
        if self._phase is not Phase.STOPPING:
            self._phase = advance(self._phase, Phase.STOPPING)
        try:
            self.on_crash(exit_reason)
        except BaseException:
            logger.exception("on_crash failed name=%s", self.name)
        error.__traceback__ = None

    def _blame(self, origin: Origin, exit_reason: Exit) -> None:
        """Tell the origin what came of its message. What follows from that, and the end itself, has no origin."""
        ORIGIN.set(None)
        try:
            origin.crashed(self.name, str(exit_reason), machine=is_of_the_machine(exit_reason.error))
        except Exception:
            logger.exception("the origin took no notice name=%s origin=%s", self.name, origin.name)

    def _kill_again(self, kills_left: int) -> None:
        if self._phase is Phase.ENDED or self._greenlet is None:
            return
        if kills_left == 0:
            logger.error("abandoned name=%s: its greenlet swallows every kill", self.name)
            self._release(Exit.killed("abandoned: its greenlet swallows every kill"))
            return
        self._greenlet.kill(block=False)
        self._kill_timer = self.clock.call_later(KILL_RETRY_SECONDS, lambda: self._kill_again(kills_left - 1))

    def _release(self, exit_reason: Exit) -> None:
        """Give back everything and announce the end, once. Never blocks, so that no kill can interrupt it."""
        if self._phase is Phase.ENDED:
            return
        self._phase = advance(self._phase, Phase.ENDED)
        self._exit = exit_reason
        self._current = None
        _living.discard(self)
        self.actor_stopped.set()
        pykka.ActorRegistry.unregister(self.actor_ref)
        self._ticks.cancel_all()
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        gone = NotRunning(self.name)
        for promise in list(self._promises):
            promise.fail(gone)
        for envelope in self.actor_inbox.drain():
            if envelope.reply_to is None:
                continue
            if isinstance(envelope.message, _STOPS):
                envelope.reply_to.set(None)
            else:
                envelope.reply_to.set_exception((NotRunning, gone, None))
        self.started.fail(StartFailed(self.name, exit_reason))
        self.ended.set(exit_reason)

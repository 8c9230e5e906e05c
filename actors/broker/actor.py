"""The broker: mail between agents, the manager, peers and the operator.

Owns the tables `messages` and `addressees` and gives out message ids. Promises what `docs/broker.md` says; in short:
an acknowledged request is on disk, a message is leased before it is handed over and stays leased until its turn is
acknowledged, and a client that waits is served by the commit that brings its mail. Emits `message`, `delivered` and
`acked`, after the commit.

One commit is under way at a time. Requests that arrive meanwhile gather and become one plan, one transaction and one
fsync: the broker gets faster with load.
"""

import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.broker import generations, outgoing, queries, retention
from actors.broker import messages as m
from actors.broker.addressing import Addressee, check_address, check_alias, check_body, outside_sender, posts_of
from actors.broker.commit import Committed, ExtraWriteError, unit_of
from actors.broker.gathering import Gathered, take_into
from actors.broker.plan import CommitPlan, PlanStep
from actors.broker.state import BrokerState, LastAsked, Wait
from actors.events import emit_all
from actors.store import api as store
from actors.supervision import ORIGIN, Actor, Clock, Directory, Promise, SupervisionError, Timer
from harness.wire.agent_api import RecvReply, SendReply, StatusReply
from harness.wire.errors import HiveError, unavailable
from harness.wire.names import BROADCAST

logger = logging.getLogger(__name__)

RELOAD_SECONDS = 0.2
"""Pause before the next attempt to read the mail back while the store is away."""

ALONE_SECONDS = 60.0

NOTHING_WRITTEN = Committed({}, {})


@dataclass(frozen=True, slots=True)
class _Done:
    """To itself: the commit under way has ended."""

    plan: CommitPlan
    result: Promise[Committed]


@dataclass(frozen=True, slots=True)
class _Swept:
    """To itself: a batch of the sweep has ended."""

    result: Promise[int | None]


class BrokerActor(Actor):
    """Messages are in `messages.py`."""

    def __init__(self, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._directory = directory
        self._state = BrokerState()
        self._addressees: dict[str, Addressee] = {}
        self._steps: deque[Gathered] = deque()
        self._alone_until: float | None = None
        """Until then every step makes a plan of its own: one of many has broken a commit, and the next shows which."""
        self._waits: dict[int, tuple[Wait, Timer]] = {}
        """Long polls by ticket, with their timers."""
        self._asked = LastAsked()
        self._unserved: tuple[str, ...] = ()
        """Names whose waits the next plan looks at although it moves none of their mail."""
        self._loaded = self._busy = False
        """`_busy`: a commit is under way, or a Flush is in the mailbox."""

    def on_start(self) -> None:
        """Read the unacknowledged mail. While the store is away the broker is up and answers `unavailable`."""
        self._reload()
        self.tell_self(m.Sweep())

    def on_stop(self) -> None:
        """When this actor has ended, every request is on disk or refused."""
        with contextlib.suppress(SupervisionError):
            store.wait_for_writes(self._directory)
            if self._steps and self._loaded:
                self._flush()
                store.wait_for_writes(self._directory)

    def state_word(self) -> str:
        if self._state.draining:
            return "draining"
        return "running" if self._loaded else "waiting for the store"

    def handle(self, message: Any) -> Any:
        match message:
            case m.Send():
                return self._send(message)
            case m.Recv(name, batch):
                return self._recv(name, batch)
            case m.LongPoll():
                return self._long_poll(message)
            case m.AckTurn(name):
                return self._enqueue(lambda plan: plan.acknowledge(name))
            case m.Flush():
                self._flush()
            case _Done(plan, result):
                self._committed(plan, result)
            case m.LongPollEnded(_, ticket):
                self._end_long_poll(ticket)
            case m.CancelLongPoll(_, ticket):
                self._cancel_long_poll(ticket)
            case m.GiveBack(name, ids, failure):
                if failure is not None:
                    self._note_failure(name, failure)
                self._add(lambda plan: plan.give_back(name, ids))
            case m.FailTurn(name, reason, outage):
                return self._fail_turn(name, reason, outage=outage)
            case m.Revive(id_):
                return self._decide_dead(id_, CommitPlan.revive)
            case m.Drop(id_):
                return self._decide_dead(id_, CommitPlan.drop)
            case m.RequeueInflight(name, keep):
                return self._enqueue(lambda plan: plan.take_back_all(name, keep))
            case m.AwaitRecv(name, since_ms):
                return self._await_recv(name, since_ms)
            case m.AwaitSettled(name):
                return self._await_settled(name)
            case m.Status(name):
                return self._status(name)
            case m.GetCounts():
                return self._counts()
            case m.MayWrite(sender, to):
                check_address(sender, to, self._addressees)
            case m.Wake():
                return self._wake(message)
            case m.PostAll():
                return self._post(message)
            case m.Register(name, role, allowed):
                return self._register(Addressee(name, role, None if allowed is None else frozenset(allowed)))
            case m.Unregister(name):
                return self._register(name)
            case m.BeginGeneration(name) | m.EndGeneration(name):
                return self._change_owner(name, begins=isinstance(message, m.BeginGeneration))
            case m.Drain():
                self._state.draining = True
            case m.Reload():
                self._reload()
            case m.Sweep(after):
                self._sweep(after)
            case _Swept(result):
                self._swept(result)
        return None

    # ---- messages in ----------------------------------------------------------------------------

    def _send(self, send: m.Send) -> Promise[Any]:
        self._check_loaded()
        posts = posts_of(send, self._addressees)
        if send.to == BROADCAST:
            names = [post.to for post in posts]
            return self._enqueue(lambda plan: SendReply(ids=plan.deposit(posts), recipients=names))
        return self._enqueue(lambda plan: SendReply(id=plan.deposit(posts)[0]))

    def _wake(self, wake: m.Wake) -> Promise[Any]:
        check_alias(wake.name, wake.from_, self._addressees)
        check_body(wake.body)
        post = m.Post(outside_sender(wake.from_), wake.name, wake.body)
        return self._enqueue(lambda plan: plan.deposit((post,))[0])

    def _post(self, message: m.PostAll) -> Promise[Any]:
        for post in message.posts:
            check_body(post.body)

        def deposit(plan: CommitPlan) -> list[int]:
            plan.extra_write = message.extra_write
            return plan.deposit(message.posts)

        return self._enqueue(deposit, alone=message.extra_write is not None)

    def _register(self, one: Addressee | str) -> Promise[Any]:
        return self._enqueue(lambda plan: plan.addressees.append(one))

    def _change_owner(self, name: str, *, begins: bool) -> Promise[Any]:
        def change(plan: CommitPlan) -> None:
            first_id = self._state.next_id if begins else None
            plan.extra_write = generations.change(name, first_id, plan.now_ms)
            self._state.forget(name)
            self._asked.at.pop(name, None)

        return self._enqueue(change, alone=True)

    # ---- messages out ---------------------------------------------------------------------------

    def _recv(self, name: str, batch: int) -> Promise[RecvReply] | RecvReply:
        self._check_loaded()
        self._asked.note(name, self.clock.running_ms())
        if not self._steps and not self._state.inbox(name).pending:
            return RecvReply(messages=[], remaining=0)
        wait = Wait(name, batch, self.promise())
        self._add(lambda plan: plan.ask(wait))
        return wait.promise

    def _long_poll(self, poll: m.LongPoll) -> Promise[RecvReply]:
        """Register first, then look: mail that comes between the two finds the wait."""
        self._asked.note(poll.name, self.clock.running_ms())
        wait = Wait(poll.name, poll.max, self.promise(), long_poll=True)
        timer = self.tell_after(poll.wait_seconds, m.LongPollEnded(poll.name, poll.ticket))
        self._waits[poll.ticket] = (wait, timer)
        wait.promise.then(lambda _promise: self._forget_wait(poll.ticket))
        if self._state.inbox(poll.name).pending:
            self._add(lambda plan: plan.ask(wait))
        else:
            self._state.waits_of(poll.name).append(wait)
        return wait.promise

    def _end_long_poll(self, ticket: int) -> None:
        """The time is over: the reply is empty, unless a plan or a commit holds the wait at this moment."""
        if ticket in self._waits and not self._state.answer_empty(self._waits[ticket][0]):
            self._waits[ticket][0].long_poll = False

    def _cancel_long_poll(self, ticket: int) -> None:
        """The client is gone. What is being leased for it at this moment is offered again after the commit."""
        if ticket in self._waits:
            wait, _timer = self._waits[ticket]
            wait.gone = True
            self._state.answer_empty(wait)

    def _forget_wait(self, ticket: int) -> None:
        _wait, timer = self._waits.pop(ticket)
        timer.cancel()

    def _await_recv(self, name: str, since_ms: int) -> Promise[None] | None:
        if self._state.waits.get(name) or self._asked.at.get(name, -1) >= since_ms:
            return None
        return self._asked.next(name, self.promise())

    def _await_settled(self, name: str) -> Promise[None] | None:
        self._check_loaded()
        return self._state.await_settled(name, self.promise()) if self._state.inbox(name).leased else None

    # ---- failed turns and figures ---------------------------------------------------------------

    def _fail_turn(self, name: str, reason: str, *, outage: bool) -> Promise[Any]:
        self._check_loaded()
        senders = store.read(self._directory, queries.senders(list(self._state.inbox(name).leased)))
        return self._enqueue(lambda plan: plan.fail(name, senders, reason=reason, outage=outage))

    def _note_failure(self, name: str, reason: str) -> None:
        """Nobody waits for it: while the database cannot be read, the try is not counted."""
        try:
            self._fail_turn(name, reason, outage=False)
        except (HiveError, SupervisionError) as error:
            logger.warning("failed turn not noted agent=%s error=%s", name, error)

    def _decide_dead(self, id_: int, step: Callable[[CommitPlan, int], None]) -> Promise[Any]:
        self._check_loaded()
        self._state.check_dead(id_)
        return self._enqueue(lambda plan: step(plan, id_))

    def _status(self, name: str) -> StatusReply:
        self._check_loaded()
        return self._state.status(name)

    def _counts(self) -> dict[str, m.Counts]:
        self._check_loaded()
        names = {*self._addressees, *self._state.inboxes}
        return {name: self._state.counts(name, self._asked.at.get(name)) for name in names}

    # ---- the commit -----------------------------------------------------------------------------

    def _enqueue(self, step: PlanStep, *, alone: bool = False) -> Promise[Any]:
        """Gather a request; the promise gets the value of `step`, once that is on disk."""
        self._check_loaded()
        promise = self.promise()
        self._add(lambda plan: plan.replies.append((promise, step(plan))), alone=alone)
        return promise

    def _add(self, step: PlanStep, *, alone: bool = False) -> None:
        careful = self._alone_until is not None and self.clock.monotonic() < self._alone_until
        self._steps.append(Gathered(step, alone or careful, ORIGIN.get()))
        if not self._busy and self._loaded:
            self._busy = True
            self.tell_self(m.Flush())  # behind the other messages in the mailbox, which share its fsync

    def _flush(self) -> None:
        """Plan the gathered requests and hand the plan to the store; a plan with no write is answered at once."""
        while self._steps or self._unserved:
            plan = self._gathered()
            if not plan.is_empty():
                self._write(plan)
                return
            self._settle(plan, NOTHING_WRITTEN)
        self._busy = False

    def _write(self, plan: CommitPlan) -> None:
        before = ORIGIN.get()
        ORIGIN.set(plan.origins.single())
        result = store.write(self._directory, unit_of(plan))
        result.then(lambda done: self.tell_self(_Done(plan, done)))
        ORIGIN.set(before)

    def _gathered(self) -> CommitPlan:
        plan = CommitPlan(self._state, self.clock.now_ms(), self.clock.running_ms())
        take_into(plan, self._steps)
        names, self._unserved = self._unserved, ()
        plan.serve(names)
        return plan

    def _committed(self, plan: CommitPlan, result: Promise[Committed]) -> None:
        error = result.error
        if error is None:
            self._settle(plan, result.get())
        elif isinstance(error, ExtraWriteError):
            self._fail(plan, error.error)
        elif getattr(error, "expected", False):
            self._fail(plan, error)
        elif plan.origins.several:
            logger.error("a request has broken the commit of several", exc_info=error)
            self._alone_until = self.clock.monotonic() + ALONE_SECONDS
            self._fail(plan, unavailable("the commit with this request failed", "try again in a moment"))
        else:
            raise error
        if self._loaded:
            self._flush()

    def _settle(self, plan: CommitPlan, committed: Committed) -> None:
        """The plan is on disk: act on it and answer."""
        for one in plan.addressees:
            if isinstance(one, str):
                self._addressees.pop(one, None)
            else:
                self._addressees[one.name] = one
        for promise, value in plan.replies:
            promise.set(value)
        for delivery in plan.deliveries:
            if delivery.wait.gone:
                self.tell_self(m.GiveBack(delivery.wait.name, tuple(delivery.ids)))
            delivery.wait.promise.set(outgoing.reply_to(delivery, committed, self._state.failures))
        self._state.settle()
        emit_all(self._directory, outgoing.events(plan, committed))

    def _fail(self, plan: CommitPlan, error: BaseException) -> None:
        """Nothing of the plan is promised, and memory is read back. A client that waited for new mail waits on."""
        logger.warning("commit failed requests=%d error=%s", len(plan.replies), error)
        for promise, _value in plan.replies:
            promise.fail(error)
        for delivery in reversed(plan.deliveries):
            wait = delivery.wait
            if wait.long_poll and not wait.gone and plan.are_new(delivery.ids):
                self._state.waits_of(wait.name).appendleft(wait)
            else:
                wait.promise.fail(error)  # an empty answer would say that there is no mail
        for name, ids in plan.given_back:
            self.tell_after(RELOAD_SECONDS, m.GiveBack(name, ids))
        self._reload()

    # ---- the database ---------------------------------------------------------------------------

    def _check_loaded(self) -> None:
        if not self._loaded:
            raise unavailable("the broker cannot read its mail just now", "try again in a moment")

    def _reload(self) -> None:
        """Make memory what the database holds; the clients that wait are kept, and served by the next plan."""
        try:
            store.wait_for_writes(self._directory)  # a predecessor may have left a commit under way
            found = store.read(self._directory, queries.snapshot)
        except Exception as error:
            if not getattr(error, "expected", False):
                raise
            logger.warning("mail not read retry_seconds=%s error=%s", RELOAD_SECONDS, error)
            self._loaded = False
            self.tell_after(RELOAD_SECONDS, m.Reload())
            return
        state, running_ms = self._state, self.clock.running_ms()
        self._state = state.read_back(found.next_id, found.inboxes, found.failures, found.dead, running_ms)
        self._addressees = found.addressees
        self._unserved = tuple(self._state.waits)
        self._state.settle()
        if not self._loaded:
            self._loaded = self._busy = True
            self.tell_self(m.Flush())

    # ---- timers ---------------------------------------------------------------------------------

    def _sweep(self, after: int) -> None:
        batch = retention.sweep_after(self._directory, self.clock.now_ms(), after)
        batch.then(lambda done: self.tell_self(_Swept(done)))

    def _swept(self, result: Promise[int | None]) -> None:
        """Sweep the next batch; at the end, or when the disk refuses, sweep again in an hour."""
        if result.error is not None:
            logger.warning("sweep stopped error=%s", result.error)
        elif (after := result.get()) is not None:
            self.tell_self(m.Sweep(after))
            return
        self.tell_after(retention.SWEEP_SECONDS, m.Sweep())

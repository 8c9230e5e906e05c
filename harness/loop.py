"""The turn loop: take mail, wake Claude, and settle with the host what became of it.

Owns the leases: mail is acknowledged only after a turn that ended well (or that the operator cancelled); otherwise it
is taken again after a pause. Emits the state of the harness. What to do is decided in `turn`, said in `conversation`.
"""

import asyncio
import contextlib
import logging

from harness.claude import Turn
from harness.client import HiveClient
from harness.controls import Controls
from harness.conversation import Conversation
from harness.errands import Errands
from harness.login import Login
from harness.report import Report, now_ms
from harness.settings import Settings
from harness.turn import Patience, Plan, Step, after, reconnect_pause
from harness.wire.agent_api import (
    MAX_WAIT_SECONDS,
    AckReply,
    AckTurn,
    Message,
    Recv,
    RecvReply,
    RequeueInflight,
    RequeueReply,
    Send,
    SendReply,
    Status,
    StatusReply,
)
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.events import HarnessState, TurnOutcome, TurnStats
from harness.wire.exit_codes import HarnessExit
from harness.wire.names import MANAGER, OPERATOR
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

TELL_SECONDS = 10.0
WHY_SHOWN = 2_000


class Loop:
    """One agent's working life."""

    def __init__(
        self,
        settings: Settings,
        client: HiveClient,
        *,
        conversation: Conversation,
        errands: Errands,
        controls: Controls,
        login: Login,
        report: Report,
    ) -> None:
        self._settings = settings
        self._client = client
        self._conversation = conversation
        self._errands = errands
        self._controls = controls
        self._login = login
        self._report = report
        self._failures = 0

    async def run(self) -> HarnessExit:
        """Work until that makes no sense any more in here; the returned status tells the host why."""
        self._report.state(HarnessState.BOOTING)
        self._report.model(self._conversation.model)
        await self._give_back()
        await self._controls.ready.wait()
        while True:
            await self._until_allowed()
            mail = await self._next_mail()
            if mail is not None:
                status = await self._take(mail.messages, mail.remaining)
                if status is not None:
                    return status

    # ---- waiting --------------------------------------------------------------------------------

    async def _until_allowed(self) -> None:
        while True:
            await self._do_commands()
            if self._controls.paused:
                self._report.state(HarnessState.PAUSED)
            elif self._login.is_needed():
                self._report.state(HarnessState.NEEDS_LOGIN)
            else:
                self._report.state(HarnessState.IDLE)
                return
            await self._conversation.close()
            await self._controls.changed.wait()

    def _is_held(self) -> bool:
        return self._controls.paused or self._login.is_needed()

    async def _next_mail(self) -> RecvReply | None:
        """The next mail, or None when the agent may not work now. Does the operator's commands meanwhile."""
        receiving = asyncio.create_task(self._receive(), name="recv")
        try:
            while not self._is_held():
                if await self._first_of(receiving, self._conversation.warm_left()):
                    return receiving.result()
                if self._controls.changed.is_set():
                    await self._do_commands()
                elif not receiving.done():
                    await self._conversation.close()  # nothing came for warm_seconds
        finally:
            await _ended(receiving)
        await self._give_back()
        return None

    async def _first_of(self, receiving: "asyncio.Task[RecvReply]", seconds: float | None) -> bool:
        changed = asyncio.create_task(self._controls.changed.wait(), name="changed")
        try:
            await asyncio.wait({receiving, changed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        return receiving.done() and not self._controls.changed.is_set()

    async def _receive(self) -> RecvReply:
        attempt = 0
        while True:
            try:
                reply = await self._client.call(Recv(wait_seconds=MAX_WAIT_SECONDS), RecvReply)
            except HiveError as error:
                if error.code in (ErrorCode.BAD_REQUEST, ErrorCode.FORBIDDEN, ErrorCode.UNKNOWN_COMMAND):
                    raise
                await asyncio.sleep(reconnect_pause(attempt))
                attempt += 1
                await self._give_back()  # the answer that got lost may have leased something; nothing is in hand here
                continue
            if reply.messages:
                return reply
            attempt = 0

    async def _rest(self, seconds: float) -> None:
        """A pause that any word of the operator ends."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._controls.changed.wait(), seconds)

    async def _do_commands(self) -> None:
        self._controls.changed.clear()
        while self._controls.queue:
            command = self._controls.queue.popleft()
            match command.action:
                case "compact":
                    await self._conversation.compact("the operator asked for it", checkpoint=False)
                    self._report.state(HarnessState.IDLE)
                case "new_session":
                    await self._conversation.forget()
                case "model":
                    await self._conversation.use_model(command.value)

    # ---- a turn ---------------------------------------------------------------------------------

    async def _take(self, messages: list[Message], remaining: int) -> HarnessExit | None:
        turn = await self._attempt(messages, remaining)
        plan = self._plan(turn, compacted=False)
        if plan.step is Step.COMPACT_AND_RETRY:
            await self._conversation.compact("the prompt did not fit", checkpoint=False)
            turn = await self._attempt(messages, remaining)
            plan = self._plan(turn, compacted=True)
        if plan.step is Step.LEAVE_LIMIT:
            return await self._leave(HarnessExit.USAGE_LIMIT, HarnessState.RATE_LIMITED, turn.ending.until_ms)
        if plan.step is Step.LEAVE_KEY:
            return await self._leave(HarnessExit.LOGIN_LOST, HarnessState.NEEDS_LOGIN)
        await self._follow(plan, turn, messages)
        return None

    async def _attempt(self, messages: list[Message], remaining: int) -> Turn:
        began = now_ms()
        self._errands.begin(messages)
        self._report.state(HarnessState.THINKING)
        self._report.turn_start(messages, unread=remaining)
        turn = await self._conversation.turn(messages, remaining=remaining)
        stats = TurnStats(
            started_at=from_ms(began),
            ended_at=from_ms(now_ms()),
            duration_ms=now_ms() - began,
            model=turn.tally.model or self._conversation.model,
            wake_from=messages[0].from_,
            outcome=turn.ending.outcome,
            cold=turn.cold,
            tokens=turn.tally.tokens,
            context_tokens=turn.tally.context_tokens,
            cost_usd=turn.cost_usd,
            tools=dict(turn.tally.tools),
            sent=dict(self._errands.sent),
            received=dict(self._errands.received),
            inbox_depth=await self._inbox_depth(),
            notes_bytes=_size(self._settings),
        )
        self._report.turn_end(stats, ok=turn.ending.ok, note=turn.ending.note)
        return turn

    def _plan(self, turn: Turn, *, compacted: bool) -> Plan:
        if turn.ending.outcome in (TurnOutcome.OK, TurnOutcome.CANCELLED):
            self._failures = 0
        elif turn.ending.outcome is not TurnOutcome.RATE_LIMITED:
            self._failures += 1 if compacted or turn.ending.outcome is TurnOutcome.FAILED else 0
        return after(
            turn.ending,
            failures=self._failures,
            compacted=compacted,
            now_ms=now_ms(),
            patience=Patience(
                retry_seconds=self._settings.retry_seconds,
                limit_seconds=self._settings.rate_limit_seconds,
                leave_seconds=self._settings.limit_patience_seconds,
                has_key=self._settings.has_key,
            ),
        )

    async def _follow(self, plan: Plan, turn: Turn, messages: list[Message]) -> None:
        if plan.tell:
            await self._tell(turn, messages, plan)
        match plan.step:
            case Step.ACK:
                await self._acknowledge()
                if self._conversation.is_nearly_full():
                    await self._conversation.compact("the context is nearly full", checkpoint=True)
                return
            case Step.LOGIN:
                self._login.lost()
            case Step.FRESH_AND_WAIT:
                await self._conversation.forget()
        if plan.pause_seconds:
            state = HarnessState.RATE_LIMITED if plan.step is Step.PARK else HarnessState.IDLE
            self._report.state(state, until_ms=now_ms() + int(plan.pause_seconds * 1000))
            self._report.note(f"the mail is taken again in {plan.pause_seconds:.0f} s")
            await self._rest(plan.pause_seconds)
        await self._give_back()

    async def _leave(self, status: HarnessExit, state: HarnessState, until_ms: int | None = None) -> HarnessExit:
        """Only when the host has the mail again, and knows why and until when."""
        await self._give_back()
        self._report.state(state, until_ms=until_ms)
        await self._report.taken()
        return status

    async def _acknowledge(self) -> None:
        if self._errands.uncertain:
            self._report.note("a recv broke off in this turn: its mail is offered again, to be safe")
            await self._give_back()
        else:
            await self._client.insist(AckTurn(), AckReply)

    async def _give_back(self) -> None:
        await self._client.insist(RequeueInflight(), RequeueReply)

    async def _tell(self, turn: Turn, messages: list[Message], plan: Plan) -> None:
        """Say what went wrong to whoever looks after this agent; the manager's own troubles go to the operator."""
        to = OPERATOR if self._settings.is_manager else MANAGER
        ids = ", ".join(str(message.id) for message in messages)
        again = f"; the next try is in {plan.pause_seconds:.0f} s" if plan.pause_seconds else ""
        why = (turn.ending.note or turn.ending.outcome.value)[:WHY_SHOWN]
        body = f"My turn on message {ids} failed (attempt {max(1, self._failures)}){again}. Why:\n{why}"
        try:
            await self._client.call(Send(to=to, body=body), SendReply, patience=TELL_SECONDS)
        except HiveError as error:
            log.warning("could not tell %s of a failed turn: %s", to, error.message)

    async def _inbox_depth(self) -> int | None:
        try:
            return (await self._client.call(Status(), StatusReply, patience=1.0)).pending
        except HiveError:
            return None


async def _ended(task: "asyncio.Task[RecvReply]") -> None:
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, HiveError):
            await task


def _size(settings: Settings) -> int | None:
    try:
        return settings.notes.stat().st_size
    except OSError:
        return None

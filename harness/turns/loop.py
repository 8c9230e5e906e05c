"""The turn loop: receive mail, run a turn on it, settle its leases with the daemon.

Mail is acknowledged only after a turn that ended well or that the operator cancelled; otherwise it is requeued and
received again after a pause. The loop reports the state of the harness. `decision` says what follows a turn,
`conversation` runs it.
"""

import asyncio
import contextlib
import logging

from harness.claude.session import CompletedTurn
from harness.clock import Clock
from harness.control.channel import ControlChannel
from harness.control.login import Login
from harness.daemon.report import Report
from harness.prompt.notes import notes_size
from harness.settings import Settings
from harness.turns.check import Check
from harness.turns.conversation import Conversation
from harness.turns.decision import Decision, NextAction, RetryPolicy, after, count_failures
from harness.turns.inbox import Inbox
from harness.turns.leftovers import Leftovers
from harness.turns.pause import wait_elapsed
from harness.turns.stats import log_line, turn_stats
from harness.turns.tool_calls import ToolCalls
from harness.wire.agent_api import RecvReply
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState
from harness.wire.exit_codes import HarnessExit

log = logging.getLogger("harness")


class TurnLoop:
    """One agent at work. Owns the count of failed turns in a row."""

    def __init__(
        self,
        settings: Settings,
        *,
        inbox: Inbox,
        conversation: Conversation,
        tool_calls: ToolCalls,
        control: ControlChannel,
        login: Login,
        report: Report,
        now_ms: Clock,
        running_ms: Clock,
        elapsed_ms: Clock,
    ) -> None:
        self._settings = settings
        self._inbox = inbox
        self._conversation = conversation
        self._tool_calls = tool_calls
        self._control = control
        self._login = login
        self._report = report
        self._check = Check(settings, conversation, report)
        self._leftovers = Leftovers(report, now_ms, ends=settings.config.limits.end_leftovers or False)
        self._now_ms, self._running_ms, self._elapsed_ms = now_ms, running_ms, elapsed_ms
        self._failures = 0
        self._policy = RetryPolicy(
            first_retry_seconds=settings.first_retry_seconds,
            default_limit_wait_seconds=settings.default_limit_wait_seconds,
            max_limit_wait_seconds=settings.max_limit_wait_seconds,
            has_key=settings.has_key,
        )

    async def run(self) -> HarnessExit:
        """Work until the container has to end; the status tells the daemon why."""
        log.info("up agent=%s model=%s", self._settings.name, self._conversation.model)
        self._report.state(HarnessState.BOOTING)
        self._report.model(self._conversation.model)
        await self._inbox.requeue()
        await self._control.ready.wait()
        while True:
            await self._wait_until_allowed()
            mail = await self._next_mail()
            if mail is not None:
                status = await self._handle(mail)
                if status is not None:
                    return status

    # ---- between turns --------------------------------------------------------------------------

    async def _wait_until_allowed(self) -> None:
        while True:
            await self._carry_out_commands()
            if self._control.paused:
                self._report.state(HarnessState.PAUSED)
            elif self._login.is_needed():
                self._report.state(HarnessState.NEEDS_LOGIN)
            else:
                await self._check.run()
                self._report.state(HarnessState.IDLE)
                return
            await self._conversation.close()
            await self._control.changed.wait()

    def _is_held(self) -> bool:
        return self._control.paused or self._login.is_needed()

    async def _next_mail(self) -> RecvReply | None:
        """The next mail, or None when the agent may not work now. Carries out the operator's commands meanwhile."""
        receiving = asyncio.create_task(self._inbox.receive(), name="recv")
        try:
            while not self._is_held():
                if await self._first_of(receiving, self._conversation.warm_seconds_left()):
                    return receiving.result()
                if self._control.changed.is_set():
                    await self._carry_out_commands()
                elif not receiving.done():
                    await self._conversation.close()  # no mail came for warm_seconds
        finally:
            await _cancel(receiving)
        await self._inbox.requeue()  # the cancelled recv may have leased mail
        return None

    async def _first_of(self, receiving: "asyncio.Task[RecvReply]", timeout_seconds: float | None) -> bool:
        """Wait for mail, a command or the timeout; True for mail. A command comes first."""
        changed = asyncio.create_task(self._control.changed.wait(), name="changed")
        try:
            await asyncio.wait({receiving, changed}, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        return receiving.done() and not self._control.changed.is_set()

    async def _carry_out_commands(self) -> None:
        self._control.changed.clear()
        while self._control.commands:
            command = self._control.commands.popleft()
            match command.action:
                case "compact":
                    await self._conversation.compact("the operator asked for it", checkpoint=False)
                    self._report.state(HarnessState.IDLE)
                case "new_session":
                    await self._conversation.start_over()
                case "model":
                    await self._conversation.use_model(command.value)

    # ---- a turn ---------------------------------------------------------------------------------

    async def _handle(self, mail: RecvReply) -> HarnessExit | None:
        attempts = max((message.attempts for message in mail.messages), default=0)
        turn = await self._run_turn(mail)
        decision = self._decide(turn, attempts=attempts, compacted=False)
        if decision.action is NextAction.COMPACT_AND_RETRY:
            await self._conversation.compact("the prompt did not fit", checkpoint=False)
            turn = await self._run_turn(mail)
            decision = self._decide(turn, attempts=attempts, compacted=True)
        match decision.action:
            case NextAction.EXIT_LIMIT:
                await self._hand_over(HarnessState.RATE_LIMITED, turn.result.resets_at_ms)
                return HarnessExit.USAGE_LIMIT
            case NextAction.EXIT_LOGIN_LOST:
                await self._hand_over(HarnessState.NEEDS_LOGIN, None)
                return HarnessExit.LOGIN_LOST
        await self._follow(decision, turn)
        return None

    async def _run_turn(self, mail: RecvReply) -> CompletedTurn:
        number = await self._inbox.begin_turn([message.id for message in mail.messages])
        started_ms, began_ms = self._now_ms(), self._running_ms()
        self._tool_calls.begin_turn(mail.messages)
        self._report.state(HarnessState.THINKING)
        self._report.turn_start(mail.messages, unread=mail.remaining, turn=number)
        turn = await self._conversation.turn(mail.messages, remaining=mail.remaining)
        stats = turn_stats(
            turn,
            self._tool_calls.mail,
            started_ms=started_ms,
            ended_ms=self._now_ms(),
            duration_ms=self._running_ms() - began_ms,
            configured_model=self._conversation.model,
            wake_from=mail.messages[0].from_,
            number=number,
            inbox_depth=await self._inbox.depth(),
            notes_bytes=notes_size(self._settings.notes),
        )
        log.info("%s", log_line(stats, messages=len(mail.messages), reason=turn.result.reason))
        self._report.turn_end(stats, ok=turn.result.ok, note=turn.result.reason)
        return turn

    def _decide(self, turn: CompletedTurn, *, attempts: int, compacted: bool) -> Decision:
        before = max(self._failures, attempts)
        self._failures = count_failures(before, turn.result, compacted=compacted)
        return after(
            turn.result, failures=self._failures, compacted=compacted, now_ms=self._now_ms(), policy=self._policy
        )

    async def _follow(self, decision: Decision, turn: CompletedTurn) -> None:
        match decision.action:
            case NextAction.ACK:
                await self._acknowledge()
                await self._leftovers.after_turn(self._conversation.claude_pid)
                if self._conversation.is_nearly_full():
                    await self._conversation.compact("the context is nearly full", checkpoint=True)
                return
            case NextAction.WAIT_FOR_LOGIN:
                self._login.mark_refused()
            case NextAction.RETRY | NextAction.RETRY_IN_NEW_SESSION:
                decision = await self._fail(decision, turn)
        await self._leftovers.after_turn(self._conversation.claude_pid)
        if await self._pause(decision):
            await self._inbox.acknowledge()  # the operator cancelled what was about to be tried again
        else:
            await self._inbox.requeue()

    async def _fail(self, decision: Decision, turn: CompletedTurn) -> Decision:
        """Have the failed try counted where it survives; what is set aside is not waited for."""
        reason = turn.result.reason or turn.result.outcome.value
        failed = await self._inbox.fail(reason, outage=turn.result.outage)
        if failed.set_aside:
            ids = ", ".join(map(str, failed.set_aside))
            self._report.note(f"set aside after {self._failures} failed turns: message {ids}")
            self._failures = 0
        if decision.action is NextAction.RETRY_IN_NEW_SESSION or failed.set_aside:
            await self._conversation.start_over()
        return Decision(decision.action, 0.0) if failed.set_aside else decision

    async def _acknowledge(self) -> None:
        if self._tool_calls.recv_interrupted:
            self._report.note("the reply to a recv was lost in this turn: its mail is requeued, so that none is lost")
            await self._inbox.requeue()
        else:
            await self._inbox.acknowledge()

    async def _pause(self, decision: Decision) -> bool:
        """Wait before the next attempt. Any command of the operator ends the wait; True: the command is `cancel`."""
        if not decision.pause_seconds:
            return False
        is_limit = decision.action is NextAction.WAIT_FOR_LIMIT
        state = HarnessState.RATE_LIMITED if is_limit else HarnessState.IDLE
        self._report.state(state, until_ms=self._now_ms() + int(decision.pause_seconds * 1000))
        self._report.note(f"the next attempt is in {decision.pause_seconds:.0f} s")
        with self._control.cancellable() as cancelled:
            await wait_elapsed(self._control.changed, decision.pause_seconds, self._elapsed_ms)
        return cancelled.is_set()

    async def _hand_over(self, state: HarnessState, until_ms: int | None) -> None:
        """Before an exit: the daemon has the mail again, and knows the reason and the end of the wait."""
        await self._inbox.requeue()
        self._report.state(state, until_ms=until_ms)
        await self._report.delivered()


async def _cancel(task: "asyncio.Task[RecvReply]") -> None:
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, HiveError):
            await task

"""An agent's conversation with Claude: opened when needed, resumed, compacted, replaced, kept warm between turns.

Owns the Claude session and `session.json`. Leases and pauses are the turn loop's.
"""

import asyncio
from collections.abc import Callable

from harness.claude.outcome import TurnResult
from harness.claude.session import CannotStart, ClaudeSession, CompletedTurn
from harness.claude.session_file import SessionFile
from harness.claude.tally import Tally
from harness.claude.turn_limits import NO_LIMITS, TurnLimits
from harness.daemon.report import Report
from harness.prompt.notes import Notes, newest_notes, notes_size
from harness.prompt.system import system_prompt
from harness.prompt.wake import CHECKPOINT, wake_prompt
from harness.settings import Settings
from harness.tools import offered
from harness.turns.decision import is_nearly_full
from harness.turns.server_watch import ServerWatch
from harness.turns.tool_calls import ToolCalls
from harness.wire.agent_api import Message, Whoami, WhoamiReply
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState, TurnOutcome


class Conversation:
    """Every prompt to Claude goes through here. Used by one task, except for `cancel`."""

    def __init__(self, settings: Settings, session_file: SessionFile, tool_calls: ToolCalls, report: Report) -> None:
        self._settings = settings
        self._session_file = session_file
        self._tool_calls = tool_calls
        self._report = report
        self._claude = ClaudeSession(settings, tool_calls.ask, report.frame)
        self._servers = ServerWatch(settings.config, self._claude.mcp_status, report)
        self._remembers_nothing = session_file.saved.session_id is None
        self._warm_until = 0.0
        self._in_turn = False
        self._context_tokens: int | None = None
        self._window: int | None = None

    @property
    def model(self) -> str:
        """The model of the next turn."""
        return self._session_file.saved.model or self._settings.config.model

    @property
    def claude_pid(self) -> int | None:
        """The process id of the CLI while it runs."""
        return self._claude.pid

    def warm_seconds_left(self) -> float | None:
        """Seconds until an idle CLI is to be ended; None when it does not run."""
        if not self._claude.warm:
            return None
        return max(0.0, self._warm_until - asyncio.get_running_loop().time())

    async def turn(self, messages: list[Message], *, remaining: int) -> CompletedTurn:
        """Give Claude the mail and run the turn. Every failure becomes a result, also a CLI that does not start."""
        return await self._run(
            lambda: wake_prompt(
                messages, remaining=remaining, notes=self._notes_for_new_session(), notes_excess=self._notes_excess()
            ),
            verbatim=True,
            limits=TurnLimits.of(self._settings.config.limits),
        )

    async def try_out(self) -> str | None:
        """Open Claude as a turn would, and keep it warm; why something of the configuration cannot be used, or None.

        Raises CannotStart.
        """
        await self._open()
        self._warm_until = asyncio.get_running_loop().time() + self._settings.config.warm_seconds
        return await self._servers.trouble()

    async def _run(self, prompt: Callable[[], str], *, verbatim: bool, limits: TurnLimits = NO_LIMITS) -> CompletedTurn:
        cold = not self._claude.warm
        self._in_turn = True
        try:
            if cold:
                await self._open()
            turn = await self._claude.turn(prompt(), verbatim=verbatim, cold=cold, limits=limits)
        except CannotStart as error:
            return CompletedTurn(TurnResult(TurnOutcome.FAILED, str(error), outage=True), Tally(), cold, None)
        finally:
            self._in_turn = False
        self._record(turn)
        await self._servers.after_turn()
        return turn

    async def _open(self) -> None:
        saved_id = self._session_file.saved.session_id
        me = await self._whoami()
        session_id = await self._claude.open(
            session_id=saved_id,
            model=self.model,
            tools=offered(self._settings.role, me.verbs if me is not None else None),
            system_prompt=system_prompt(self._settings),
        )
        self._servers.begin()
        self._remembers_nothing = self._remembers_nothing or session_id != saved_id
        if saved_id is not None and session_id != saved_id:
            self._report.note(f"the session {saved_id} could not be resumed; a new one begins with the notes")
            self._session_file.save(session_id=None)

    async def _whoami(self) -> WhoamiReply | None:
        try:
            reply = await self._tool_calls.ask(Whoami())
        except HiveError as error:
            self._report.note(f"the daemon does not say which verbs it serves: {error.message}")
            return None
        assert isinstance(reply, WhoamiReply)
        return reply

    def _record(self, turn: CompletedTurn) -> None:
        """Keep what the next turns need of this one, and report the usage."""
        tally = turn.tally
        self._warm_until = asyncio.get_running_loop().time() + self._settings.config.warm_seconds
        self._context_tokens = tally.context_tokens or self._context_tokens
        self._window = tally.window or self._window
        if tally.session_id is not None and tally.result is not None:
            self._session_file.save(session_id=tally.session_id)
            self._remembers_nothing = self._remembers_nothing and not turn.result.ok
        self._report.usage(context_tokens=self._context_tokens, window=self._window, cost_usd=self._claude.cost_usd)

    def _notes_for_new_session(self) -> Notes | None:
        if not self._remembers_nothing:
            return None
        return newest_notes(self._settings.notes, self._settings.config.notes_limit_bytes)

    def _notes_excess(self) -> tuple[int, int] | None:
        limit = self._settings.config.notes_limit_bytes
        size = notes_size(self._settings.notes) or 0
        return (size, limit) if size > limit else None

    def is_nearly_full(self) -> bool:
        """Whether it is time to compact, by the configuration and the size of the context."""
        config = self._settings.config
        return config.autoCompact and is_nearly_full(self._context_tokens, self._window, config.compact_tokens)

    async def compact(self, why: str, *, checkpoint: bool) -> None:
        """Shrink the context; with `checkpoint` Claude first writes down what must survive. A failure is a note."""
        if self._session_file.saved.session_id is None:
            self._report.note("there is nothing to compact yet")
            return
        self._report.state(HarnessState.COMPACTING)
        self._report.note(f"compacting: {why}")
        if checkpoint:
            await self._run(lambda: CHECKPOINT, verbatim=True)
        turn = await self._run(lambda: "/compact", verbatim=False)
        if not turn.tally.compacted:
            self._report.note(f"compaction failed: {turn.result.reason or 'claude did not say why'}")

    async def start_over(self) -> None:
        """Forget the session: the next turn begins a new one, with the notes."""
        await self.close()
        self._session_file.save(session_id=None)
        self._remembers_nothing = True
        self._context_tokens = None
        self._report.note("the next turn begins a new session", kind="operator")

    async def use_model(self, model: str | None) -> None:
        """The operator's choice, kept over restarts; None goes back to the model of the configuration."""
        self._session_file.save(model=model)
        if self._claude.warm:
            try:
                await self._claude.use_model(self.model)
            except Exception as error:  # a CLI that is ending gets the model at its next start
                self._report.note(f"the model could not be switched in the running session: {error}")
                await self._claude.close()
        self._report.model(self.model)

    async def cancel(self) -> bool:
        """Interrupt the running turn; False when there is none."""
        if self._in_turn:
            await self._claude.interrupt()
        return self._in_turn

    async def close(self) -> None:
        """End the CLI; the session can be resumed."""
        self._servers.end()
        await self._claude.close()

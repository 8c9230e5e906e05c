"""One agent's long conversation with Claude: opened when needed, resumed, compacted, forgotten, kept warm.

Owns the Claude process and `session.json`. Knows nothing of mail leases or pauses: that is the loop's.
"""

import asyncio
from collections.abc import Callable

from harness.claude import CannotStart, Claude, Turn
from harness.errands import Errands
from harness.frames import Tally
from harness.prompt import CHECKPOINT, system_prompt, wake
from harness.report import Report
from harness.session import SessionFile
from harness.settings import Settings
from harness.tools import offered
from harness.turn import Ending, is_nearly_full
from harness.wire.agent_api import Message, Whoami, WhoamiReply
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState, TurnOutcome


class Conversation:
    """What the loop says to Claude goes through here. Used by one task, but for `cancel`."""

    def __init__(self, settings: Settings, kept: SessionFile, errands: Errands, report: Report) -> None:
        self._settings = settings
        self._kept = kept
        self._errands = errands
        self._report = report
        self._claude = Claude(settings, errands.ask, report.frame)
        self._fresh = kept.kept.session_id is None
        self._warm_until = 0.0
        self._in_turn = False
        self.context_tokens: int | None = None
        self.window: int | None = None

    @property
    def model(self) -> str:
        """The model of the next turn."""
        return self._kept.kept.model or self._settings.config.model

    @property
    def pid(self) -> int | None:
        """Claude's process id while it is up."""
        return self._claude.pid

    def warm_left(self) -> float | None:
        """Seconds until Claude has been idle long enough to be ended; None when it is not up."""
        if not self._claude.warm:
            return None
        return max(0.0, self._warm_until - asyncio.get_running_loop().time())

    async def turn(self, messages: list[Message], *, remaining: int) -> Turn:
        """Wake Claude with mail. Every end is told in the returned turn, a Claude that does not start included."""
        return await self._say(lambda: wake(messages, remaining=remaining, notes=self._notes_if_fresh()), verbatim=True)

    async def _say(self, text: Callable[[], str], *, verbatim: bool) -> Turn:
        cold = not self._claude.warm
        self._in_turn = True
        try:
            if cold:
                await self._open()
            turn = await self._claude.turn(text(), verbatim=verbatim, cold=cold)
        except CannotStart as error:
            return Turn(Ending(TurnOutcome.FAILED, str(error)), Tally(), cold, None)
        finally:
            self._in_turn = False
        self._after(turn)
        return turn

    async def _open(self) -> None:
        wanted = self._kept.kept.session_id
        me = await self._whoami()
        session_id = await self._claude.open(
            session_id=wanted,
            model=self.model,
            tools=offered(self._settings.role, me.verbs if me is not None else None),
            system_prompt=system_prompt(self._settings),
        )
        self._fresh = self._fresh or session_id != wanted
        if wanted is not None and session_id != wanted:
            self._report.note(f"the session {wanted} could not be resumed; a fresh one begins with the notes")
            self._kept.keep(session_id=None)

    async def _whoami(self) -> WhoamiReply | None:
        try:
            reply = await self._errands.ask(Whoami())
        except HiveError as error:
            self._report.note(f"the host does not say what it serves: {error.message}")
            return None
        assert isinstance(reply, WhoamiReply)
        return reply

    def _after(self, turn: Turn) -> None:
        tally = turn.tally
        self._warm_until = asyncio.get_running_loop().time() + self._settings.config.warm_seconds
        self.context_tokens = tally.context_tokens or self.context_tokens
        self.window = tally.window or self.window
        if tally.session_id is not None and tally.result is not None:
            self._kept.keep(session_id=tally.session_id)
            self._fresh = self._fresh and not turn.ending.ok
        self._report.usage(context_tokens=self.context_tokens, window=self.window, cost_usd=self._claude.cost_usd)

    def _notes_if_fresh(self) -> str | None:
        if not self._fresh:
            return None
        try:
            return self._settings.notes.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def is_nearly_full(self) -> bool:
        """Whether it is time to compact, by the configuration and the watermark."""
        return self._settings.config.autoCompact and is_nearly_full(self.context_tokens, self.window)

    async def compact(self, why: str, *, checkpoint: bool) -> bool:
        """Shrink the context; with `checkpoint` Claude first writes down what must survive.

        Best effort: a failure is a note and False.
        """
        if self._kept.kept.session_id is None:
            self._report.note("there is nothing to compact yet")
            return False
        self._report.state(HarnessState.COMPACTING)
        self._report.note(f"compacting: {why}")
        if checkpoint:
            await self._say(lambda: CHECKPOINT, verbatim=True)
        turn = await self._say(lambda: "/compact", verbatim=False)
        if not turn.tally.compacted:
            self._report.note(f"compaction failed: {turn.ending.note or 'claude did not say why'}")
        return turn.tally.compacted

    async def forget(self) -> None:
        """The next turn starts a new session, with the notes."""
        await self._claude.close()
        self._kept.keep(session_id=None)
        self._fresh = True
        self.context_tokens = None
        self._report.note("the next turn begins a new session", kind="operator")

    async def use_model(self, model: str | None) -> None:
        """The operator's choice, kept over restarts; None goes back to the configuration's."""
        self._kept.keep(model=model)
        if self._claude.warm:
            try:
                await self._claude.use_model(self.model)
            except Exception as error:  # a dying CLI gets the model at its next start
                self._report.note(f"the model could not be switched in the running session: {error}")
                await self._claude.close()
        self._report.model(self.model)

    async def cancel(self) -> bool:
        """Interrupt the running turn; False when there is none."""
        if self._in_turn:
            await self._claude.interrupt()
        return self._in_turn

    async def close(self) -> None:
        """End Claude; the session can be resumed."""
        await self._claude.close()

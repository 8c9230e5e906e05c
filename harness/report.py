"""What the harness tells the host about itself: state, live events, figures. All of it goes through the outbox."""

import time

from harness.frames import Frame, limit_pause_ms, shown
from harness.outbox import Outbox
from harness.wire.agent_api import Message
from harness.wire.events import (
    HarnessState,
    ModelChanged,
    Note,
    StateChanged,
    Stream,
    TerminalEvent,
    TurnEnd,
    TurnStart,
    TurnStats,
    Usage,
)
from harness.wire.times import from_ms

BODY_SHOWN = 8_000


def now_ms() -> int:
    """Wall time, milliseconds UTC."""
    return time.time_ns() // 1_000_000


class Report:
    """Queues events; never blocks. Knows the present state, and tells only changes."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._state: StateChanged | None = None
        self._until_ms: int | None = None
        self._model: str | None = None

    def state(self, state: HarnessState, *, until_ms: int | None = None) -> None:
        """The harness is now doing this."""
        if self._state is None or (self._state.state, self._until_ms) != (state, until_ms):
            self._until_ms = until_ms
            until = None if until_ms is None else from_ms(until_ms)
            self._state = StateChanged(state=state, since=from_ms(now_ms()), until=until)
            self._outbox.event(self._state)

    async def taken(self) -> None:
        """Returns when the host has everything that was told so far; while it is away, that is when it is back."""
        await self._outbox.flushed()

    def again(self) -> None:
        """Tell a host that came back what it may have missed or forgotten."""
        if self._state is not None:
            self._outbox.event(self._state)
        if self._model is not None:
            self.model(self._model)

    def note(self, text: str, *, kind: str = "harness") -> None:
        """A line for the operator; `kind` is harness, stderr or operator."""
        self._outbox.event(Note.model_validate({"text": text, "class": kind}))

    def frame(self, frame: Frame) -> None:
        """One frame of Claude's stream. Claude's own short waits for a rate limit are shown as what they are."""
        if not frame:
            return
        self._outbox.event(Stream(message=shown(frame)))
        pause_ms = limit_pause_ms(frame)
        if pause_ms is not None:
            self.state(HarnessState.RATE_LIMITED, until_ms=now_ms() + pause_ms)
        elif self._state is not None and self._state.state is HarnessState.RATE_LIMITED:
            self.state(HarnessState.THINKING)

    def turn_start(self, messages: list[Message], *, unread: int) -> None:
        """A turn begins with these messages."""
        body = "\n\n".join(message.body for message in messages)[:BODY_SHOWN]
        ids = [message.id for message in messages]
        self._outbox.event(
            TurnStart.model_validate({"from": messages[0].from_, "body": body, "unread": unread, "message_ids": ids})
        )

    def turn_end(self, stats: TurnStats, *, ok: bool, note: str | None) -> None:
        """A turn is over."""
        self._outbox.event(TurnEnd(ok=ok, outcome=stats.outcome.value, note=note))
        self._outbox.stats(stats)

    def model(self, model: str) -> None:
        """Claude runs on this model from now on."""
        self._model = model
        self._outbox.event(ModelChanged(model=model))

    def usage(self, *, context_tokens: int | None, window: int | None, cost_usd: float | None) -> None:
        """How full the context is, and what the session has cost."""
        self._outbox.event(Usage(context_tokens=context_tokens, context_window=window, cost_usd=cost_usd))

    def login(self, state: str, *, url: str | None = None) -> None:
        """Where a login stands: started, waiting_for_code, done, failed or cancelled."""
        self._outbox.event(TerminalEvent(data={"login": {"state": state, "url": url}}))

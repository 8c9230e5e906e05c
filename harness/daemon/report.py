"""What the harness reports to the daemon about itself: state, live events, statistics. The outbox delivers them."""

from harness.claude.frames import Frame, for_display, rate_limit_wait_ms
from harness.clock import Clock
from harness.daemon.outbox import Outbox
from harness.wire.agent_api import Message
from harness.wire.events import (
    CredentialsChanged,
    CredentialSource,
    HarnessState,
    LoginChanged,
    LoginState,
    ModelChanged,
    Note,
    StateChanged,
    Stream,
    TurnEnd,
    TurnStart,
    TurnStats,
    Usage,
)
from harness.wire.limits import MAX_REASON_CHARACTERS, MAX_URL_CHARACTERS
from harness.wire.live.left_running import LeftRunning
from harness.wire.live.opened import Checked, McpServers, ServerState
from harness.wire.times import from_ms

MAX_BODY_CHARACTERS = 8_000
"""How much of the mail the event of a turn's start carries."""


class Report:
    """Queues events without waiting. Knows the current state, and reports only changes of it."""

    def __init__(self, outbox: Outbox, now_ms: Clock) -> None:
        self._outbox = outbox
        self._now_ms = now_ms
        self._state: StateChanged | None = None
        self._until_ms: int | None = None
        self._model: str | None = None
        self._login: LoginChanged | None = None
        self._credentials: CredentialsChanged | None = None
        self._servers: McpServers | None = None
        self._checked: Checked | None = None
        self._left: LeftRunning | None = None

    def state(self, state: HarnessState, *, until_ms: int | None = None) -> None:
        """The harness enters this state; `until_ms` is the end of a wait."""
        if self._state is None or (self._state.state, self._until_ms) != (state, until_ms):
            self._until_ms = until_ms
            until = None if until_ms is None else from_ms(until_ms)
            self._state = StateChanged(state=state, since=from_ms(self._now_ms()), until=until)
            self._outbox.add_event(self._state)

    async def delivered(self) -> None:
        """Return when the daemon has every report so far; while it is away, that is when it is back."""
        await self._outbox.flushed()

    def repeat(self) -> None:
        """Report again what the row shows, for a daemon that may have restarted."""
        for event in (self._state, self._login, self._credentials, self._servers, self._checked, self._left):
            if event is not None:
                self._outbox.add_event(event)
        if self._model is not None:
            self.model(self._model)

    def left_running(self, left: LeftRunning) -> None:
        """What the turns have left running."""
        known = (0, []) if self._left is None else (self._left.count, [one.command for one in self._left.processes])
        if known != (left.count, [one.command for one in left.processes]):
            self._left = left
            self._outbox.add_event(left)

    def note(self, text: str, *, kind: str = "harness") -> None:
        """A line for the operator; `kind` is harness, stderr or operator."""
        self._outbox.add_event(Note.model_validate({"text": text, "class": kind}))

    def frame(self, frame: Frame) -> None:
        """One frame of Claude's stream. A short rate limit that the CLI waits for by itself shows in the state."""
        self._outbox.add_event(Stream(message=for_display(frame)))
        wait_ms = rate_limit_wait_ms(frame)
        if wait_ms is not None:
            self.state(HarnessState.RATE_LIMITED, until_ms=self._now_ms() + wait_ms)
        elif self._state is not None and self._state.state is HarnessState.RATE_LIMITED:
            self.state(HarnessState.THINKING)

    def turn_start(self, messages: list[Message], *, unread: int, turn: int | None) -> None:
        """A turn of this number begins with these messages; `unread` more wait."""
        body = "\n\n".join(message.body for message in messages)[:MAX_BODY_CHARACTERS]
        ids = [message.id for message in messages]
        self._outbox.add_event(
            TurnStart.model_validate(
                {"from": messages[0].from_, "body": body, "unread": unread, "message_ids": ids, "turn": turn}
            )
        )

    def turn_end(self, stats: TurnStats, *, ok: bool, note: str | None) -> None:
        """A turn is over."""
        self._outbox.add_event(TurnEnd(ok=ok, outcome=stats.outcome.value, note=note, turn=stats.turn))
        self._outbox.add_stats(stats)

    def model(self, model: str) -> None:
        """Claude uses this model from now on."""
        self._model = model
        self._outbox.add_event(ModelChanged(model=model))

    def servers(self, servers: list[ServerState]) -> None:
        """How the MCP servers are; reported when it has changed."""
        if self._servers is None or self._servers.servers != servers:
            self._servers = McpServers(servers=servers)
            self._outbox.add_event(self._servers)

    def checked(self, sha: str, reason: str | None) -> None:
        """The configuration of this commit works, or why it does not."""
        self._checked = Checked(sha=sha, reason=reason)
        self._outbox.add_event(self._checked)

    def usage(self, *, context_tokens: int | None, window: int | None, cost_usd: float | None) -> None:
        """The size of the context, and the cost of the session so far."""
        self._outbox.add_event(Usage(context_tokens=context_tokens, context_window=window, cost_usd=cost_usd))

    def login(self, state: LoginState, *, url: str | None = None, reason: str | None = None) -> None:
        """A login begins (`started`), or goes on."""
        now = from_ms(self._now_ms())
        self._login = LoginChanged(
            state=state,
            begun_at=now if self._login is None or state is LoginState.STARTED else self._login.begun_at,
            since=now,
            url=url if url is None or len(url) <= MAX_URL_CHARACTERS else None,
            reason=reason and reason[:MAX_REASON_CHARACTERS],
        )
        self._outbox.add_event(self._login)

    def credentials(self, source: CredentialSource, *, expires_at_ms: int | None = None) -> None:
        """Claude's credentials as they are now; only a change is reported."""
        expires_at = None if expires_at_ms is None else from_ms(expires_at_ms)
        now = CredentialsChanged(source=source, expires_at=expires_at)
        if now != self._credentials:
            self._credentials = now
            self._outbox.add_event(now)

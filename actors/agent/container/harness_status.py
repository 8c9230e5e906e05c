"""What a harness's live events say about its agent's row. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from harness.wire.events import CredentialsChanged, HarnessState, LoginChanged, ModelChanged, StateChanged
from harness.wire.live.last_tool import LastTool, last_tool
from harness.wire.live.left_running import LeftRunning
from harness.wire.live.opened import Checked, McpServers, ServerState
from harness.wire.operator_rows import LoginRow
from harness.wire.times import Timestamp, to_ms

SHOWN_CHARACTERS = 60
"""Of the command of a process, in the tree."""

HELD = frozenset({HarnessState.NEEDS_LOGIN, HarnessState.RATE_LIMITED, HarnessState.PAUSED})


@dataclass(frozen=True, slots=True)
class HarnessStatus:
    """The last report of a harness; all null before the first."""

    activity: str | None = None
    since: str | None = None
    rate_limited_until: str | None = None
    model: str | None = None
    login: LoginRow | None = None
    login_expires_at: str | None = None
    servers: tuple[ServerState, ...] | None = None
    checked: Checked | None = None
    left_running: LeftRunning | None = None
    last_tool: LastTool | None = field(default=None, compare=False)
    """Of its running or last turn. A further call changes no row by itself: a turn makes hundreds of them."""

    in_turn: bool | None = None
    """Whether its last report of a turn was of the begin; None before the first."""

    @property
    def between_tries(self) -> bool:
        """Whether it waits to take the messages of a failed turn again: they are leased, and nothing is under way."""
        return self.in_turn is False and self.rate_limited_until is not None

    def left_words(self, now_ms: int) -> str:
        """What its turns have left running, for the tree: `, leaves 2 running: make serve (31 s)`. Pure."""
        left = self.left_running
        if left is None or not left.count:
            return ""
        named = [
            f"{one.command[:SHOWN_CHARACTERS]} ({max(0, now_ms - to_ms(one.started_at)) // 1000} s)"
            for one in left.processes[:1]
        ]
        return f", leaves {left.count} running: {', '.join(named)}"

    def observed(self) -> dict[str, Any]:
        """The fields of an `ObservedStatus` that the harness reports."""
        return {
            "activity": self.activity,
            "activity_since": self.since,
            "rate_limited_until": self.rate_limited_until,
            "active_model": self.model,
            "login": self.login,
            "login_expires_at": self.login_expires_at,
            "servers": self.servers,
            "checked": self.checked,
            "left_running": self.left_running,
            "last_tool": self.last_tool,
        }


def is_held(status: HarnessStatus, *, paused: bool, now_ms: int) -> bool:
    """Whether nothing is expected of the harness, whatever mail it has. A known end of a rate limit is its end."""
    until = status.rate_limited_until
    return paused or status.activity in HELD or (until is not None and to_ms(until) > now_ms)


def updated(before: HarnessStatus, events: Iterable[Mapping[str, Any]], *, at: Timestamp) -> HarnessStatus:
    """`before` with what these events add, which were reported `at` this moment.

    An event that is not as agreed adds nothing; it is stored as it came.
    """
    status = before
    for event in events:
        try:
            match event.get("kind"):
                case "state":
                    state = StateChanged.model_validate(event)
                    status = replace(
                        status, activity=state.state.value, since=state.since, rate_limited_until=state.until
                    )
                case "turn_start":
                    status = replace(status, in_turn=True, last_tool=None)
                case "turn_end":
                    status = replace(status, in_turn=False)
                case "stream":
                    status = replace(status, last_tool=last_tool(status.last_tool, event.get("message"), at=at))
                case "model":
                    status = replace(status, model=ModelChanged.model_validate(event).model)
                case "login":
                    login = LoginChanged.model_validate(event)
                    status = replace(status, login=LoginRow.model_validate(login.model_dump(exclude={"kind"})))
                case "credentials":
                    status = replace(status, login_expires_at=CredentialsChanged.model_validate(event).expires_at)
                case "mcp_servers":
                    status = replace(status, servers=tuple(McpServers.model_validate(event).servers))
                case "left_running":
                    status = replace(status, left_running=LeftRunning.model_validate(event))
                case "checked":
                    status = replace(status, checked=Checked.model_validate(event))
        except ValidationError:
            continue
    return status

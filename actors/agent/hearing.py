"""What a harness's live events say about its agent's row. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from harness.wire.events import HarnessState, ModelChanged, StateChanged
from harness.wire.times import to_ms

HELD = frozenset({HarnessState.NEEDS_LOGIN, HarnessState.RATE_LIMITED, HarnessState.PAUSED})


@dataclass(frozen=True, slots=True)
class Heard:
    """The last word of a harness; all null until it has spoken."""

    activity: str | None = None
    since: str | None = None
    rate_limited_until: str | None = None
    model: str | None = None


def is_held(heard: Heard, *, paused: bool, now_ms: int) -> bool:
    """Whether nothing is expected of the harness, whatever mail it has. A known end of a rate limit is its end."""
    until = heard.rate_limited_until
    return paused or heard.activity in HELD or (until is not None and to_ms(until) > now_ms)


def hear(before: Heard, events: Iterable[Mapping[str, Any]]) -> Heard:
    """`before` with what these events add. One that is not as agreed says nothing here; it is stored as it came."""
    heard = before
    for event in events:
        try:
            match event.get("kind"):
                case "state":
                    state = StateChanged.model_validate(event)
                    heard = replace(
                        heard, activity=state.state.value, since=state.since, rate_limited_until=state.until
                    )
                case "model":
                    heard = replace(heard, model=ModelChanged.model_validate(event).model)
        except ValidationError:
            continue
    return heard

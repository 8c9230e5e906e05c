"""Recent notices: the hive's own, and the outcome of decisions. They live in the memory of this process only.

Owns the last MAX_NOTICES notices. The facts are in the rows; a notice only draws attention to a change, so nothing of
value is lost with this process.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

from harness.wire import names, times
from harness.wire.operator_rows import OperatorEvent
from web.daemon.feed import EventFeed, FeedStatus
from web.presentation.state_style import Tone

MAX_NOTICES = 50
SHOWN_MS = {Tone.OK: 60_000, Tone.CALM: 60_000}
"""How long a notice is shown until it is dismissed: good news for a minute, the rest for LONG_MS."""
LONG_MS = 3_600_000

REPEAT_MS = 60_000
"""Equal texts within this time are one notice: a row may change several times after its outcome is known."""

TONES = {"error": Tone.BAD, "warning": Tone.WAIT, "info": Tone.CALM}


@dataclass(frozen=True, slots=True)
class Notice:
    """One line. `at_ms` (UTC) is unique and serves as its identity."""

    at_ms: int
    at: str
    tone: Tone
    text: str
    agent: str | None = None

    @property
    def until_ms(self) -> int:
        """The moment (ms UTC) from which the notice is no longer shown."""
        return self.at_ms + SHOWN_MS.get(self.tone, LONG_MS)


class RecentNotices:
    """Collects notices from the feed."""

    def __init__(self, feed: EventFeed) -> None:
        self._notices: deque[Notice] = deque(maxlen=MAX_NOTICES)
        feed.add(self)

    def since(self, dismissed_ms: int, now_ms: int) -> list[Notice]:
        """The notices after `dismissed_ms` that are still to be shown, oldest first."""
        return [notice for notice in self._notices if notice.at_ms > dismissed_ms and notice.until_ms > now_ms]

    def event(self, event: OperatorEvent) -> None:
        """Add the notice of `event`, if the event is worth one."""
        content = notice_of(event)
        if content is None:
            return
        tone, text, agent = content
        if any(past.text == text and times.to_ms(event.at) - past.at_ms < REPEAT_MS for past in self._notices):
            return
        last = self._notices[-1].at_ms if self._notices else 0
        at_ms = max(times.to_ms(event.at), last + 1)
        self._notices.append(Notice(at_ms, event.at, tone, text, agent))

    def gap(self, status: FeedStatus) -> None:
        """The rows hold what was missed."""

    def link(self, status: FeedStatus) -> None:
        """The bar of the page shows the state of the link."""


def notice_of(event: OperatorEvent) -> tuple[Tone, str, str | None] | None:
    """Tone, sentence and agent of an event that is worth a notice; None for every other event. Pure."""
    data = event.data
    match event.kind:
        case "notice":
            agent = data.get("agent")
            tone = TONES.get(str(data.get("level")), Tone.CALM)
            return tone, str(data.get("text", "")), None if agent is None else str(agent)
        case "approval":
            return _of_approval(data)
        case "question" if data.get("status") == "expired":
            asker = names.container_name(str(data.get("asker", "")))
            return Tone.WAIT, f"question #{data.get('id')} of {asker} was not answered in time", asker
        case _:
            return None


def _of_approval(data: dict[str, Any]) -> tuple[Tone, str, str | None] | None:
    agent = names.container_name(str(data.get("agent", "")))
    subject = f"approval #{data.get('id')} of {agent}"
    note = f": {data['note']}" if data.get("note") else ""
    if data.get("status") == "failed":
        return Tone.BAD, f"{subject} failed and everything is as before{note}", agent
    if data.get("status") == "approved" and str(data.get("tag") or "").startswith("deployed/"):
        return Tone.OK, f"{subject} is deployed", agent
    if data.get("status") in ("denied", "cancelled"):
        return Tone.CALM, f"{subject} was {data['status']}{note}", agent
    return None

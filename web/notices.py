"""What the hive remarked lately: its notices, and how decisions ended. Kept in this process's memory only.

Owns the last KEPT remarks. The facts are in the rows; a remark only says that something happened while one looked
elsewhere, so none is lost that matters when this process ends.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

from harness.wire import names, times
from harness.wire.operator_rows import OperatorEvent
from web.feed import Feed, Status
from web.look import Tone

KEPT = 50
SHOWN_MS = {Tone.OK: 60_000, Tone.CALM: 60_000}
"""How long a remark is shown when nobody dismisses it: good news for a minute, the rest for LONG_MS."""
LONG_MS = 3_600_000

AGAIN_MS = 60_000
"""The same words within this time are one remark: a row may change several times after its end is known."""

TONES = {"error": Tone.BAD, "warning": Tone.WAIT, "info": Tone.CALM}


@dataclass(frozen=True, slots=True)
class Remark:
    """One line. `at_ms` (UTC) is its identity too: no two have the same."""

    at_ms: int
    at: str
    tone: Tone
    text: str
    agent: str | None = None

    @property
    def until_ms(self) -> int:
        """When it is history; history has its own places."""
        return self.at_ms + SHOWN_MS.get(self.tone, LONG_MS)


class Notices:
    """Listens to the feed."""

    def __init__(self, feed: Feed) -> None:
        self._remarks: deque[Remark] = deque(maxlen=KEPT)
        feed.add(self)

    def since(self, dismissed_ms: int, now_ms: int) -> list[Remark]:
        """What was remarked after `dismissed_ms` and is still to be shown, oldest first."""
        return [one for one in self._remarks if one.at_ms > dismissed_ms and one.until_ms > now_ms]

    def event(self, event: OperatorEvent) -> None:
        """The feed heard `event`."""
        said = remark(event)
        if said is None:
            return
        tone, text, agent = said
        if any(one.text == text and times.to_ms(event.at) - one.at_ms < AGAIN_MS for one in self._remarks):
            return
        last = self._remarks[-1].at_ms if self._remarks else 0
        at_ms = max(times.to_ms(event.at), last + 1)
        self._remarks.append(Remark(at_ms, event.at, tone, text, agent))

    def gap(self, status: Status) -> None:
        """What was missed is in the rows."""

    def link(self, status: Status) -> None:
        """The bar tells it."""


def remark(event: OperatorEvent) -> tuple[Tone, str, str | None] | None:
    """Tone, sentence and agent of an event that is worth a remark; None for all others. Pure."""
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
    what = f"approval #{data.get('id')} of {agent}"
    note = f": {data['note']}" if data.get("note") else ""
    if data.get("status") == "failed":
        return Tone.BAD, f"{what} failed and everything is as before{note}", agent
    if data.get("status") == "approved" and str(data.get("tag") or "").startswith("deployed/"):
        return Tone.OK, f"{what} is deployed", agent
    if data.get("status") in ("denied", "cancelled"):
        return Tone.CALM, f"{what} was {data['status']}{note}", agent
    return None

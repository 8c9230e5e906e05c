"""How an agent's state looks: a word, a glyph and a tone, in one closed table. Pure.

The word comes first: colour and glyph only repeat it.
"""

from dataclasses import dataclass
from enum import StrEnum

from harness.wire.constants import TRANSIENT_STATES
from harness.wire.operator_rows import AgentRow


class Tone(StrEnum):
    """The CSS class of a state; one colour each, the same everywhere."""

    OK = "ok"
    BUSY = "busy"
    WAIT = "wait"
    NEEDS = "needs"
    BAD = "bad"
    CALM = "calm"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Look:
    """One state as it is shown."""

    word: str
    glyph: str
    tone: Tone
    ticking: bool = False
    """Whether its age is shown as a running clock rather than as an age."""


LOOKS: dict[str, Look] = {
    look.word: look
    for look in (
        Look("thinking", "●", Tone.BUSY, ticking=True),
        Look("compacting", "◐", Tone.MOVE, ticking=True),
        Look("idle", "○", Tone.OK),
        Look("booting", "◌", Tone.MOVE, ticking=True),
        Look("needs login", "◇", Tone.NEEDS),
        Look("rate limited", "⊘", Tone.WAIT),
        Look("paused", "‖", Tone.WAIT),
        Look("offline", "◌", Tone.CALM),
        Look("stopped", "·", Tone.CALM),
        Look("running", "○", Tone.OK),
        Look("failed", "✗", Tone.BAD),
        Look("parked", "✗", Tone.BAD),
        Look("stuck", "!", Tone.NEEDS),
    )
}


def of(row: AgentRow) -> Look:
    """The look of an agent: what is being done to it, else what is wrong with it, else what it does itself."""
    if row.transient:
        return Look(row.transient, "↻", Tone.MOVE, ticking=True)
    if row.failed or row.state in ("failed", "parked"):
        return LOOKS["parked" if row.state == "parked" else "failed"]
    if row.role == "peer":
        return Look("peer", "◈", Tone.CALM)
    if not row.running:
        # A long limit is waited for without a container.
        return LOOKS["rate limited" if row.state == "rate_limited" else "stopped"]
    word = row.state.replace("_", " ")
    if row.needs_login:
        word = "needs login"
    elif row.paused and word in ("idle", "running", "paused", "offline"):
        word = "paused"
    if word in TRANSIENT_STATES:
        return Look(word, "↻", Tone.MOVE, ticking=True)
    return LOOKS.get(word, Look(word or "unknown", "?", Tone.WAIT))


@dataclass(frozen=True, slots=True)
class Badge:
    """A short remark beside the state; `title` is the long form."""

    text: str
    tone: Tone
    title: str
    at: str | None = None
    """A moment that is part of the text, shown in the reader's own time zone."""


def badges(row: AgentRow) -> list[Badge]:
    """What else is to be said of an agent; flags are orthogonal, so there may be several."""
    state = of(row).word
    found = []
    if row.needs_update:
        found.append(Badge("needs update ↻", Tone.WAIT, "what runs is older than what is deployed"))
    if row.needs_login and state != "needs login":
        found.append(Badge("needs login", Tone.NEEDS, "Claude Code in this agent is not logged in"))
    if row.rate_limited_until:
        title = "the model's provider refuses until then"
        found.append(Badge("⊘ until", Tone.WAIT, title, at=row.rate_limited_until))
    if row.paused and state != "paused":
        found.append(Badge("paused", Tone.WAIT, "no new turn begins until it is resumed"))
    if row.leased and state in ("idle", "stopped", "failed", "offline"):
        found.append(
            Badge(f"{row.leased} redelivering", Tone.WAIT, "taken by a turn that did not end well; offered again")
        )
    return found


def context_share(row: AgentRow) -> float | None:
    """How full the context is, 0 to 1; None when it is not known."""
    if row.context_tokens is None or not row.context_window:
        return None
    return min(1.0, row.context_tokens / row.context_window)

"""An agent's state as a page shows it: its style, its badges, how full its context is. Pure."""

from dataclasses import dataclass

from harness.wire.constants import TRANSIENT_STATES
from harness.wire.live.opened import CONNECTED, PENDING
from harness.wire.operator_rows import AgentRow
from web.presentation.state_style import StateStyle, Tone

STYLES: dict[str, StateStyle] = {
    style.word: style
    for style in (
        StateStyle("thinking", "●", Tone.BUSY, ticking=True),
        StateStyle("compacting", "◐", Tone.MOVE, ticking=True),
        StateStyle("idle", "○", Tone.OK),
        StateStyle("booting", "◌", Tone.MOVE, ticking=True),
        StateStyle("needs login", "◇", Tone.ATTENTION),
        StateStyle("rate limited", "⊘", Tone.WAIT),
        StateStyle("paused", "‖", Tone.WAIT),
        StateStyle("offline", "◌", Tone.CALM),
        StateStyle("stopped", "·", Tone.CALM),
        StateStyle("running", "○", Tone.OK),
        StateStyle("failed", "✗", Tone.BAD),
        StateStyle("parked", "✗", Tone.BAD),
        StateStyle("stuck", "!", Tone.ATTENTION),
        StateStyle("failing", "✗", Tone.ATTENTION),
    )
}


def style(row: AgentRow) -> StateStyle:
    """The style of an agent: an action under way comes first, then a failure, then what the agent reports."""
    if row.transient:
        return StateStyle(row.transient, "↻", Tone.MOVE, ticking=True)
    if row.failed or row.state in ("failed", "parked"):
        return STYLES["parked" if row.state == "parked" else "failed"]
    if row.role == "peer":
        return StateStyle("peer", "◈", Tone.CALM)
    if not row.running:
        # An agent waits for the end of a long rate limit without a container.
        return STYLES["rate limited" if row.state == "rate_limited" else "stopped"]
    word = row.state.replace("_", " ")
    if row.failing is not None and word == "idle":
        word = "failing"
    if row.needs_login:
        word = "needs login"
    elif row.paused and word in ("idle", "running", "paused", "offline"):
        word = "paused"
    if word in TRANSIENT_STATES:
        return StateStyle(word, "↻", Tone.MOVE, ticking=True)
    return STYLES.get(word, StateStyle(word or "unknown", "?", Tone.WAIT))


@dataclass(frozen=True, slots=True)
class Badge:
    """A short remark beside the state; `title` is the long form."""

    text: str
    tone: Tone
    title: str
    at: str | None = None
    """A moment that is part of the text, shown in the reader's own time zone."""


def badges(row: AgentRow) -> list[Badge]:
    """The flags of an agent that its state does not show; flags are orthogonal, so there may be several."""
    state = style(row).word
    found = []
    if row.waits_until:
        title = "it is handed no mail; its turn may go on until then, and is cut then"
        found.append(Badge("waits for its turn, until", Tone.WAIT, title, at=row.waits_until))
    if row.needs_update:
        found.append(Badge("needs update ↻", Tone.WAIT, "what runs is older than what is deployed"))
    if row.needs_login and state != "needs login":
        found.append(Badge("needs login", Tone.ATTENTION, "Claude Code in this agent is not logged in"))
    if row.rate_limited_until:
        title = "the model's provider refuses until then"
        found.append(Badge("⊘ until", Tone.WAIT, title, at=row.rate_limited_until))
    if row.paused and state != "paused":
        found.append(Badge("paused", Tone.WAIT, "no new turn begins until the agent is resumed"))
    if row.not_enforced:
        loose = ", ".join(row.not_enforced)
        found.append(
            Badge(f"not enforced: {loose}", Tone.WAIT, "this machine cannot hold these limits; `hive doctor` says why")
        )
    if row.left_running is not None and row.left_running.count:
        named = "; ".join(one.command for one in row.left_running.processes)
        found.append(
            Badge(f"leaves {row.left_running.count} running", Tone.CALM, f"beside Claude, from its turns: {named}")
        )
    for server in row.mcp_servers or ():
        if server.status == PENDING:
            found.append(Badge(f"mcp {server.name} slow", Tone.WAIT, "this MCP server has not answered yet"))
        elif server.status != CONNECTED:
            found.append(
                Badge(f"mcp {server.name} {server.status}", Tone.ATTENTION, server.error or "no reason is known")
            )
    if row.failing is not None:
        tries = "1 try" if row.failing.attempts == 1 else f"{row.failing.attempts} tries"
        found.append(Badge(f"{tries} failed, since", Tone.ATTENTION, row.failing.reason, at=row.failing.since))
    elif row.leased and state in ("idle", "stopped", "failed", "offline"):
        title = "a turn took these messages and failed; they are offered again"
        found.append(Badge(f"{row.leased} redelivering", Tone.WAIT, title))
    return found


_NOW = {"stopping": "stop", "restarting": "restart", "rebuilding": "rebuild", "destroying": "stop"}


def order_for_now(row: AgentRow) -> str | None:
    """The verb that ends an agent at once which waits for its turn; None for an agent that does not."""
    return _NOW.get(row.transient or "") if row.waits_until else None


def context_share(row: AgentRow) -> float | None:
    """How full the model's context is, 0 to 1; None when it is not known."""
    if row.context_tokens is None or not row.context_window:
        return None
    return min(1.0, row.context_tokens / row.context_window)

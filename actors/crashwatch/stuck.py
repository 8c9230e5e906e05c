"""When an agent counts as stuck, and what is done about it. Pure.

Stuck is an agent whose container runs, which nothing holds (no pause, no lost login, no rate limit), which has mail
it did not acknowledge, and whose harness has neither asked for mail nor told of anything for a configured time. All
times are milliseconds of running time: while the machine sleeps, nothing is expected of an agent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from actors.agent.container.liveness import Liveness

RESTART_INTERVAL_MS = 6 * 3_600_000
"""An agent that was restarted for being stuck is not restarted for it again within this time: it would not help."""


@dataclass(frozen=True, slots=True)
class View:
    """One agent, from its container and from its inbox."""

    agent: str
    liveness: Liveness
    mail_since: int | None
    """Since when mail waits of which none was acknowledged; None without any."""
    last_asked_at: int | None
    polling: bool
    """Its harness waits for mail right now."""


@dataclass(frozen=True, slots=True)
class Episode:
    """What was done about an agent before: the silence that was reported, and the last restart for one."""

    since_ms: int
    restarted_ms: int | None = None


class StuckAction(StrEnum):
    """What is to be done about a silence."""

    NOTHING = "nothing"
    RESTART = "restart"
    """Report it, and restart the agent."""
    REPORT = "report"
    """Report it only: a restart did not help the last time."""


def silent_since(view: View) -> int | None:
    """Since when something is expected of it that does not come; None when nothing is."""
    liveness = view.liveness
    if not liveness.running or liveness.held or view.polling or view.mail_since is None:
        return None
    return max(liveness.alive_at_ms, view.last_asked_at or 0, view.mail_since)


def is_stuck(view: View, *, running_ms: int, limit_ms: int) -> bool:
    """Whether its silence is over the limit."""
    since = silent_since(view)
    return since is not None and running_ms - since >= limit_ms


def next_check_ms(views: Iterable[View], *, running_ms: int, limit_ms: int) -> int:
    """The first moment at which an agent that is not stuck now can be.

    For an agent of which nothing is expected, that is the whole limit from now: mail may come in this very moment. So a
    check at this moment is never too late, and none is needed in between.
    """
    sinces = [silent_since(view) for view in views]
    moments = [since + limit_ms for since in sinces if since is not None and since + limit_ms > running_ms]
    return min([*moments, running_ms + limit_ms])


def next_action(before: Episode | None, *, since_ms: int, running_ms: int) -> StuckAction:
    """What to do about a silence: each is reported once, and the first one ends with a restart."""
    if before is None:
        return StuckAction.RESTART
    if before.since_ms == since_ms:
        return StuckAction.NOTHING
    restarted = before.restarted_ms
    return (
        StuckAction.REPORT
        if restarted is not None and running_ms - restarted < RESTART_INTERVAL_MS
        else StuckAction.RESTART
    )


def sentence(*, seconds: float, restarted: bool) -> str:
    """The silence in words, for the event and for the row."""
    minutes = f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
    what = "it is restarted" if restarted else "a restart did not help, so it is left as it is: look at its log"
    return f"has mail but has neither asked for it nor shown life for {minutes}; {what}"

"""The interface of the scheduler. Every function takes the directory first; names may be written either way.

Errors: `rate_limited` with the seconds to wait, `too_large`, `not_found` (also for a reminder of another agent),
`unavailable` when the database cannot be written.
"""

from actors.scheduler import queries
from actors.scheduler.messages import Abandon, CancelReminder, Remind, RetryReminder
from actors.store import api as store
from actors.supervision import Directory
from harness.wire.agent_api import MAX_BODY_BYTES, Reminder
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.names import broker_name

SCHEDULER = "scheduler"
ASK_SECONDS = 30.0


def remind_at(directory: Directory, *, agent: str, message: str, due_at_ms: int, cause: str | None = None) -> Reminder:
    """Remind `agent` at a moment by the clock, milliseconds UTC; a moment in the past means now."""
    return _remind(directory, message, Remind(broker_name(agent), message, due_at_ms, cause=cause))


def remind_after(
    directory: Directory, *, agent: str, message: str, delay_seconds: float, cause: str | None = None
) -> Reminder:
    """Remind `agent` after so much running time, in which the machine does not sleep."""
    return _remind(directory, message, Remind(broker_name(agent), message, None, round(delay_seconds * 1000), cause))


def _remind(directory: Directory, message: str, remind: Remind) -> Reminder:
    if len(message.encode()) > MAX_BODY_BYTES:
        raise HiveError(
            ErrorCode.TOO_LARGE, f"a reminder has at most {MAX_BODY_BYTES} bytes", "write a file and send its path"
        )
    reply: Reminder = directory.ask(SCHEDULER, remind, timeout=ASK_SECONDS)
    return reply


def cancel(directory: Directory, reminder_id: int, *, owner: str | None = None) -> None:
    """Remove a pending reminder; `owner` None is the operator."""
    whose = None if owner is None else broker_name(owner)
    directory.ask(SCHEDULER, CancelReminder(reminder_id, whose), timeout=ASK_SECONDS)


def retry(directory: Directory, reminder_id: int) -> None:
    """Try a reminder again now that failed."""
    directory.ask(SCHEDULER, RetryReminder(reminder_id), timeout=ASK_SECONDS)


def abandon(directory: Directory, agent: str) -> None:
    """Drop the pending reminders of an agent or peer that is gone for good. Never waits."""
    directory.tell(SCHEDULER, Abandon(broker_name(agent)))


def abandon_now(directory: Directory, agent: str) -> None:
    """`abandon`, and all of it is on disk: for a name whose next owner must not get the reminders."""
    directory.ask(SCHEDULER, Abandon(broker_name(agent)), timeout=ASK_SECONDS)


def pending(directory: Directory) -> list[Reminder]:
    """Every pending reminder, first due first, at most `queries.MAX_PENDING_SHOWN`."""
    return store.read(directory, queries.pending)


def of(directory: Directory, agent: str) -> list[Reminder]:
    """The pending reminders of one agent, first due first."""
    return store.read(directory, queries.of(broker_name(agent)))


def delivered_since(directory: Directory, since_ms: int) -> dict[str, tuple[int, int]]:
    """Agent → (reminders delivered, attempts they took) since then, milliseconds UTC."""
    return store.read(directory, queries.delivered_since(since_ms))

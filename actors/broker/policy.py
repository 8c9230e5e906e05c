"""Who may write to whom. Pure: names and lists in, a verdict out.

An agent without an allow list writes to everybody. With one it writes to the names on it, and always to the manager
and to itself. `*` on a list allows the broadcast, which then reaches everybody; it does not allow writing to each
recipient alone. The manager, the operator and the hive itself are under no policy.
"""

from collections.abc import Collection

from harness.wire.errors import HiveError, forbidden
from harness.wire.names import BROADCAST, MANAGER, OPERATOR, REMINDER, SYSTEM

UNRESTRICTED = frozenset({MANAGER, OPERATOR, SYSTEM, REMINDER})
"""Senders that no list binds."""


def may_send(sender: str, to: str, allowed: Collection[str] | None) -> bool:
    """Whether `sender`, bound by `allowed` (None: by nothing), may write to `to`."""
    if sender in UNRESTRICTED or allowed is None:
        return True
    return to in {MANAGER, sender} or to in allowed


def refusal(sender: str, to: str, allowed: Collection[str] | None) -> HiveError:
    """The error for a sender that its policy stops."""
    reach = ", ".join(sorted({MANAGER, *(allowed or ())}))
    what = "broadcast" if to == BROADCAST else f"write to {to}"
    return forbidden(
        f"{sender} may not {what}", f"it may write to: {reach}; allowedRecipients in its configuration says so"
    )

"""What a failed turn means for the messages it was about: tried again, or set aside. Pure."""

from dataclasses import dataclass, replace

from harness.wire.limits import NEW_SESSION_AFTER, SET_ASIDE_AFTER


@dataclass(frozen=True, slots=True)
class Failure:
    """The failed tries of one message. Times are milliseconds UTC."""

    recipient: str
    sender: str
    attempts: int
    """All of them."""
    outages: int
    """Those with a reason that no message can have; they do not count against it."""
    reason: str
    """Of the last one, in the harness's words or the container's."""
    since_ms: int
    failed_ms: int
    set_aside_ms: int | None = None

    @property
    def counted(self) -> int:
        """The tries that count against the message."""
        return self.attempts - self.outages

    @property
    def is_last_straw(self) -> bool:
        """Whether the message has been tried often enough."""
        return self.counted >= SET_ASIDE_AFTER

    @property
    def is_told(self) -> bool:
        """Whether the manager is told of this try: of the first that comes with a new session, and only of it."""
        return self.counted == NEW_SESSION_AFTER


def after_failure(
    before: Failure | None, *, recipient: str, sender: str, reason: str, outage: bool, now_ms: int
) -> Failure:
    """The failures of a message after one more; `before` is None at the first."""
    if before is None:
        return Failure(recipient, sender, 1, int(outage), reason, now_ms, now_ms)
    return replace(
        before, attempts=before.attempts + 1, outages=before.outages + outage, reason=reason, failed_ms=now_ms
    )

"""The one error every surface shows: on the wire, in the CLI and on the page.

A `HiveError` is *expected*: an actor that raises one answers its asker and lives on. Anything else
that escapes a handler is a crash.
"""

from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """The closed set of codes a reply can carry."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_COMMAND = "unknown_command"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


class HiveError(Exception):
    """A refusal with a code, a sentence and, where there is one, the way out.

    `retry_after_seconds` belongs to `rate_limited`. The same object becomes the reply frame, the
    CLI's `Error:`/`Try:` lines and the flash on the page.
    """

    expected: ClassVar[bool] = True
    """Tells the actor loop that this is an answer, not a crash."""

    def __init__(
        self, code: ErrorCode | str, message: str, hint: str | None = None, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = ErrorCode(code)
        self.message = message
        self.hint = hint
        self.retry_after_seconds = retry_after_seconds

    def __repr__(self) -> str:
        return f"HiveError({self.code.value}, {self.message!r})"

    def as_reply(self) -> dict[str, Any]:
        """The reply frame of this error, without absent fields."""
        reply: dict[str, Any] = {"version": 1, "ok": False, "error": self.message, "code": self.code.value}
        if self.hint is not None:
            reply["hint"] = self.hint
        if self.retry_after_seconds is not None:
            reply["retry_after_seconds"] = self.retry_after_seconds
        return reply

    @classmethod
    def from_reply(cls, reply: dict[str, Any]) -> "HiveError":
        """The error a reply frame carries; a code this version does not know becomes `internal`."""
        code = reply.get("code")
        known = {one.value: one for one in ErrorCode}
        return cls(
            known.get(str(code), ErrorCode.INTERNAL),
            str(reply.get("error", "the daemon gave no reason")),
            reply.get("hint"),
            retry_after_seconds=reply.get("retry_after_seconds"),
        )


def bad_request(message: str, hint: str | None = None) -> HiveError:
    """The caller's words are off; the same call cannot succeed."""
    return HiveError(ErrorCode.BAD_REQUEST, message, hint)


def not_found(what: str, hint: str | None = None) -> HiveError:
    """`what` (a noun with its name) does not exist, or not for this caller."""
    return HiveError(ErrorCode.NOT_FOUND, f"there is no {what}", hint)


def forbidden(message: str, hint: str | None = None) -> HiveError:
    """The caller may not do this, however often it asks."""
    return HiveError(ErrorCode.FORBIDDEN, message, hint)


def conflict(message: str, hint: str | None = None) -> HiveError:
    """The thing is in a state in which this cannot be done."""
    return HiveError(ErrorCode.CONFLICT, message, hint)


def unavailable(message: str, hint: str | None = None) -> HiveError:
    """Something the daemon needs is away just now; the same call may succeed later."""
    return HiveError(ErrorCode.UNAVAILABLE, message, hint)

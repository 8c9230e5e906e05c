"""The errors of this package. All of them are *expected*: an actor that raises one lives on.

Each carries `code` and `hint` in the words of a reply frame, so that a gateway can pass it on
without knowing the class.
"""

from enum import StrEnum
from typing import ClassVar

import pykka

from actors.supervision.exits import Exit


class SupervisionError(Exception):
    """Base of the errors that a caller of a supervised actor handles."""

    expected: ClassVar[bool] = True
    """The actor loop sends such an error to the asker; the actor does not crash."""
    code: ClassVar[str] = "conflict"
    hint: str | None = None


class NoAnswer(SupervisionError):  # noqa: N818 - reads as what happened
    """Nothing is known of the request: it may be carried out or not. Never to be taken for a refusal, a `HiveError`."""


class NotRunning(NoAnswer):
    """No actor runs under this name, or the actor ended before it answered."""

    code = "unavailable"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name or 'the actor'} is not running")
        self.name = name


class AskTimeout(NoAnswer, pykka.Timeout):
    """The actor did not answer in time. It may still carry out the request."""

    code = "timeout"

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"{name} did not answer within {seconds:g} s")
        self.name = name
        self.seconds = seconds


class ActorCrashed(NoAnswer):
    """The actor ended over this request, with an unexpected exception; the log has the traceback."""

    code = "internal"

    def __init__(self, name: str, exit_reason: Exit) -> None:
        super().__init__(f"{name or 'the actor'} crashed: {exit_reason.detail or exit_reason.kind.value}")
        self.name = name
        self.exit = exit_reason


class StartFailed(SupervisionError):  # noqa: N818 - reads as what happened
    """A child did not come up: its `start` or its `on_start` raised, or it ended while starting."""

    code = "unavailable"

    def __init__(self, name: str, exit_reason: Exit) -> None:
        super().__init__(f"{name or 'the actor'} did not start: {exit_reason.detail or exit_reason.kind.value}")
        self.name = name
        self.exit = exit_reason


class InvalidSpec(SupervisionError):  # noqa: N818 - reads as what happened
    """A child specification or a supervisor's flags contradict themselves."""

    code = "bad_request"


class Refusal(StrEnum):
    """Why a supervisor refuses a request; the words are OTP's."""

    NOT_FOUND = "not_found"
    RUNNING = "running"
    RESTARTING = "restarting"
    ALREADY_PRESENT = "already_present"
    ALREADY_STARTED = "already_started"


class ChildRefused(SupervisionError):  # noqa: N818 - reads as what happened
    """The child's state does not allow the request; `reason` says why."""

    def __init__(self, supervisor: str, child_id: str, reason: Refusal) -> None:
        super().__init__(f"child {child_id} of {supervisor}: {reason.value.replace('_', ' ')}")
        self.supervisor = supervisor
        self.child_id = child_id
        self.reason = reason

"""How an actor ended: the closed set of kinds, and the reason that goes with them."""

from dataclasses import dataclass, field
from enum import StrEnum

from actors.supervision.origin import Origin


class ExitKind(StrEnum):
    """Why an actor ended. A `transient` child is restarted after `error` and `killed` only."""

    NORMAL = "normal"
    """Its work was done."""
    SHUTDOWN = "shutdown"
    """It was told to stop, or it is a supervisor that gave up in order."""
    ERROR = "error"
    """An unexpected exception, or an OS process that failed."""
    KILLED = "killed"
    """It did not stop within its shutdown timeout, or it was killed."""
    NOT_RUNNING = "not_running"
    """Only in a `Down`: no actor had that name when the watch was placed."""


ORDERLY = frozenset({ExitKind.NORMAL, ExitKind.SHUTDOWN})
"""The ends that are not failures: `on_stop` runs, and a transient child stays down."""


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of one life. `detail` is a sentence for people; `status` is an OS process's exit status.

    `status` follows `subprocess`: 0 to 255, or the negative number of the signal. `error` is the
    exception without its traceback (that is in the log), so that an end never keeps frames alive. `origin` is the
    outside cause of the message over which the actor ended, if any. `requested`: a person ended it, for a restart.
    """

    kind: ExitKind
    detail: str = ""
    status: int | None = None
    error: BaseException | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)
    requested: bool = field(default=False, compare=False)

    @property
    def orderly(self) -> bool:
        """Whether this end is not a failure."""
        return self.kind in ORDERLY

    @classmethod
    def normal(cls, detail: str = "") -> "Exit":
        return cls(ExitKind.NORMAL, detail)

    @classmethod
    def shutdown(cls, detail: str = "", cause: BaseException | None = None) -> "Exit":
        """`cause` is the exception that made a supervisor give up in order, if any."""
        return cls(ExitKind.SHUTDOWN, detail, error=cause)

    @classmethod
    def killed(cls, detail: str = "", *, requested: bool = False) -> "Exit":
        return cls(ExitKind.KILLED, detail, requested=requested)

    @property
    def counts(self) -> bool:
        """Whether a restart after this end uses up the budget of the supervisor.

        It does not when the cause lies outside the tree and is dealt with there: a client's message, an operator.
        """
        return self.origin is None and not self.requested

    @classmethod
    def failed(cls, cause: BaseException | str, *, status: int | None = None, origin: Origin | None = None) -> "Exit":
        """An `error` end, from an exception or from a sentence."""
        if isinstance(cause, str):
            return cls(ExitKind.ERROR, cause, status, origin=origin)
        detail = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
        return cls(ExitKind.ERROR, detail, status, cause, origin)

    def __str__(self) -> str:
        return f"{self.kind.value} ({self.detail})" if self.detail else self.kind.value

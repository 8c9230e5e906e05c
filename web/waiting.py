"""What waits for the operator, read from four places of which each may fail alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from harness.wire.errors import ErrorCode, HiveError
from web.memo import Known
from web.needs import Need, needs
from web.services import Services
from web.visit import Visit

T = TypeVar("T")


@dataclass(slots=True)
class Waiting:
    """The ranked list; `failed` names what is missing in it, and why."""

    needs: list[Need] = field(default_factory=list)
    failed: list[tuple[str, HiveError]] = field(default_factory=list)
    stale: int | None = None


def waiting(services: Services, visit: Visit) -> Waiting:
    """Everything that needs the operator. Raises only what concerns all of it: the daemon is away."""
    found, reads = Waiting(), services.reads

    def part(name: str, read: Callable[[], Known[list[T]]]) -> list[T]:
        try:
            known = read()
        except HiveError as error:
            if error.code is ErrorCode.UNAVAILABLE:
                raise
            found.failed.append((name, error))
            return []
        if known.stale:
            found.stale = known.as_of_ms
        return known.value

    found.needs = needs(
        agents=part("agents", reads.agents),
        inbox=part("mail", reads.inbox),
        seen=visit.seen,
        approvals=part("approvals", reads.approvals),
        questions=part("questions", reads.questions),
    )
    return found

"""What the host knows of an agent: the durable part, and what was last seen of its container."""

from dataclasses import dataclass, field
from enum import StrEnum

from actors.agent.state import AgentState


class Desired(StrEnum):
    """What the operator wants of an agent; survives restarts of the host."""

    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the table `agents`. `name` is the container's (`hm1nd`)."""

    name: str
    role: str
    desired: Desired
    created_ms: int
    paused: bool = False
    deployed_sha: str | None = None
    note: str | None = None
    """Why it is parked or failed; gone with the next good start."""
    model: str | None = None
    """The model its harness last said it uses."""
    status_text: str | None = None
    status_set_ms: int | None = None
    needs_login: bool | None = None
    """What the manager was told last of its login; None: never seen."""
    revision: str | None = None
    """What its container was started with, see `revision.marker`."""
    rests_until_ms: int | None = None
    """When it comes back by itself: its account's usage limit is used up until then."""
    told_revision: str | None = None
    """The newer revision that the manager was last told of, for an agent that is left alone with the old one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a container actor says of its container; the last word counts.

    `activity` is the harness's own state (`idle`, `thinking`, …) while the container runs.
    """

    state: AgentState
    since_ms: int
    activity: str | None = None
    activity_since: str | None = None
    rate_limited_until: str | None = None
    active_model: str | None = None
    note: str | None = None
    passing: bool = False
    """The note tells of a trouble of the host that may pass by itself."""
    runtime: str | None = None
    started_ms: int | None = None
    """When this host started the container; None for one that it took over, or that is not there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An agent as the roster knows it."""

    record: Record
    seen: Seen | None = field(default=None)
    stale: bool | None = None
    """Whether it runs an older revision than it would get now; None where that has no meaning."""
    due: bool = False
    """The roster looks at it again when a pause is over: it is not as it is wanted."""

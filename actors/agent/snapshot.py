"""What the registry knows of an agent: the desired record, the observed status, and both together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from actors.agent.container.ending.pending_end import FOR_GOOD, Draining, PendingEnd
from actors.agent.container.state import RUNS, TRANSIENT, AgentState
from harness.wire.live.last_tool import LastTool
from harness.wire.live.left_running import LeftRunning
from harness.wire.live.opened import Checked, ServerState
from harness.wire.operator_rows import LoginRow


class Desired(StrEnum):
    """What the operator wants of an agent; survives restarts of the daemon."""

    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Parked:
    """Why and when an agent was given up; it stays down until a person starts it."""

    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One row of the table `agents`: what is desired, and what must survive. `name` is the container's (`hm1nd`)."""

    name: str
    role: str
    desired: Desired
    created_ms: int
    paused: bool = False
    pause_reason: str | None = None
    """Why the hive paused it, in a sentence; None where a person did."""
    deployed_sha: str | None = None
    checked_sha: str | None = None
    """The commit of its configuration with which Claude was opened last, and everything worked."""
    parked: Parked | None = None
    start_error: str | None = None
    """Why it did not start the last time; gone with the next good start."""
    model: str | None = None
    """The model its harness last said it uses."""
    status_text: str | None = None
    status_set_ms: int | None = None
    needs_login: bool | None = None
    """What the manager was told last of its login; None: not known yet."""
    revision: str | None = None
    """What its container was started with, see `revision_marker`."""
    rate_limited_until_ms: int | None = None
    """When it comes back by itself: its account's usage limit is used up until then."""
    told_revision: str | None = None
    """The newer revision that the manager was last told of, for an agent that is left alone with the old one."""
    ending: PendingEnd | None = None
    """The order to end its container that has not been carried out yet: its turn may end first."""

    @property
    def unchecked_sha(self) -> str | None:
        """The commit in force, where it was never seen to work."""
        return None if self.deployed_sha == self.checked_sha else self.deployed_sha

    @property
    def note(self) -> str | None:
        """Why it is down, in words."""
        return f"parked: {self.parked.reason}" if self.parked is not None else self.start_error


@dataclass(frozen=True, slots=True)
class ObservedStatus:
    """What was last seen of an agent's container: the last report of its actor, or the end of its actors.

    `activity` is the harness's own state (`idle`, `thinking`, …) while the container runs.
    """

    state: AgentState
    since_ms: int
    activity: str | None = None
    activity_since: str | None = None
    rate_limited_until: str | None = None
    active_model: str | None = None
    login: LoginRow | None = None
    login_expires_at: str | None = None
    servers: tuple[ServerState, ...] | None = None
    """Its MCP servers as Claude Code last saw them; None: not known."""
    left_running: LeftRunning | None = None
    """What its turns have left running; None: not known."""
    last_tool: LastTool | None = None
    """The last tool call of its running or last turn, as of this report; None: not known."""
    checked: Checked | None = None
    """What came of the check of a new configuration by this harness."""
    note: str | None = None
    transient: bool = False
    """The note tells of a trouble of the host that may pass by itself."""
    unrecoverable: bool = False
    """Its actors are gone for a reason that another try does not mend."""
    runtime: str | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    """In words, as of its last start."""
    not_enforced: tuple[str, ...] = ()
    """Those of them that this machine does not hold."""
    started_ms: int | None = None
    """Running time at which this daemon started the container; None for an adopted one, or without one."""
    draining: Draining | None = None
    """It is about to end and waits for its running turn."""
    credential: str | None = None
    """The mark of the hive's credential that this daemon started the container with."""


@dataclass(frozen=True, slots=True)
class AgentSnapshot:
    """An agent as the registry knows it."""

    record: AgentRecord
    observed: ObservedStatus | None = field(default=None)
    stale: bool | None = None
    """Whether it runs an older revision than it would get now; None where that has no meaning."""
    disk_bytes: int | None = None
    """What its folders and its log took on the disk when they were last measured."""
    due: bool = False
    """The reconciler looks at it again when a pause is over: it is not as it is wanted."""
    suspended: str | None = None
    """Why its socket refuses everything, in a sentence."""
    token_ends_ms: int | None = None
    """When the hive's token ends, of an agent that uses it."""


def is_carried_out(pending: PendingEnd | None, status: ObservedStatus) -> bool:
    """Whether this status shows that the order to end the container has been carried out."""
    if pending is None or pending.order in FOR_GOOD or status.draining is not None or status.state in TRANSIENT:
        return False
    return status.state not in RUNS or (status.started_ms is not None and status.since_ms >= pending.since_ms)


def revision_marker(hive: str | None, deployed_sha: str | None, credential: str = "") -> str | None:
    """What a container starts with, as one word: the revision of the hive, its configuration, the hive's credential.

    `credential` is a mark of `HiveCredentials`. None where the hive's own revision is not known.
    """
    if hive is None:
        return None
    return "/".join([hive, deployed_sha or "-", *([credential] if credential else [])])


def credential_mark(noted: str | None) -> str:
    """The mark of the hive's credential in a noted revision; empty where it has none."""
    return "/".join((noted or "").split("/")[2:])


def is_stale(
    noted: str | None,
    hive: str | None,
    deployed_sha: str | None,
    is_current: Callable[[str], bool] = lambda _credential: True,
) -> bool | None:
    """Whether a running container would be another one if it were started now; None where that has no meaning.

    A container without a noted revision was started by a hive that did not take notes. `is_current` says it of the mark
    of a credential.
    """
    current = revision_marker(hive, deployed_sha)
    if current is None:
        return None
    return noted is None or noted.split("/")[:2] != current.split("/") or not is_current(credential_mark(noted))

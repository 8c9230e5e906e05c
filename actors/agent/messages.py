"""What the roster and an agent's container actor are told. Names are container names (`hm1nd`, not `manager`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actors.agent.control import Order
from actors.agent.standing import Seen
from actors.broker.messages import Post
from actors.service.messages import StopPolicy
from actors.supervision import Promise, SystemMessage
from harness.wire.agent_api import Command

ROSTER = "roster"
AGENTS = "agents"


def container_actor(container: str) -> str:
    """The directory name of the actor that owns this agent's container."""
    return f"{AGENTS}/{container}/container"


# ---- to the roster, from the operator, the manager and the agents themselves -------------------------


@dataclass(frozen=True, slots=True)
class Spawn:
    """Create an agent and start it. Refused when the name is taken. `silent`: the asker tells the manager."""

    name: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """It is wanted from now on, across restarts of the host; a parked one is revived."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """It is not wanted any more. Graceful: the turn's claude is ended politely before the deadline."""

    name: str
    graceful: bool = True


@dataclass(frozen=True, slots=True)
class Restart:
    """End it and start it with the configuration in force; a stopped one is started."""

    name: str


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The same through `rebuilding`, and the manager is told of the outcome. `silent`: the asker does that."""

    name: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class RebuildAll:
    """Rebuild these (None: all) of the agents that are wanted, the manager first. → their names in order, at once."""

    names: tuple[str, ...] | None
    reason: str


@dataclass(frozen=True, slots=True)
class StartAll:
    """To itself: start these, the manager first."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotRebuilt:
    """To itself: its container actor has carried the rebuild of this one agent out, or refused it.

    One that ended over it (`NotRunning`) is started again or given up: whoever does that says so.
    """

    name: str
    result: Promise[Any]


@dataclass(frozen=True, slots=True)
class LeaderAsked:
    """To itself: the manager that was started then has asked for mail, or (False) the broker could not tell."""

    started_ms: int
    told: bool
    again: bool = False
    """The pause before the next try is over."""


@dataclass(frozen=True, slots=True)
class TellStale:
    """Tell the manager, once for each revision, which of these agents run an older one and are left alone."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """To itself: what was to be told is on disk, or is not; then it is tried again."""

    posts: tuple[Post, ...]
    changes: Mapping[str, Mapping[str, Any]]
    result: Promise[Any]


@dataclass(frozen=True, slots=True)
class Tell:
    """To itself: tell this, with the changes of rows that it reports."""

    posts: tuple[Post, ...]
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Homes:
    """→ (Workspace, frozenset of the names that are taken), for whoever looks for tombstones."""


@dataclass(frozen=True, slots=True)
class Purge:
    """Delete everything that is kept of a destroyed agent. `conflict` while there is an agent of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Kick:
    """Wake it with one `system` message."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Destroy:
    """End it for good; answered when its container has ended. `Forget` follows."""

    name: str


@dataclass(frozen=True, slots=True)
class Forget:
    """The container of a destroyed agent has ended: remove its actors, its row and, with `purge`, its files.

    `silent`: whoever asks tells the manager himself.
    """

    name: str
    purge: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class SetPaused:
    """Hold or release its turn loop; remembered while it is stopped."""

    name: str
    paused: bool


@dataclass(frozen=True, slots=True)
class SetDeployed:
    """Which commit of its configuration is in force; shown in its row."""

    name: str
    sha: str | None


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The line an agent shows about itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ListAgents:
    """Answered with the standing of every agent, manager first."""


@dataclass(frozen=True, slots=True)
class Where:
    """Answered with the `AgentPaths` of an existing agent."""

    name: str


@dataclass(frozen=True, slots=True)
class Begin:
    """To itself: read the table, which could not be read before, and bring everybody up."""


@dataclass(frozen=True, slots=True)
class Tend:
    """To itself: see what there is of these, and do what is missing."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reload:
    """To itself: what is remembered may not be what is on disk."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A container actor's last word on its container."""

    name: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Flush:
    """To itself: tell the operator of the rows that have changed."""


# ---- to a container actor ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Have the container running; answered when it is. `again` ends a running one first. `kick` tells the agent why."""

    again: bool = False
    kick: str | None = None
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class EndOnStop(SystemMessage):
    """When this actor is stopped, the container ends with it. Overtakes, as the stop will do that follows."""

    farewell: StopPolicy


@dataclass(frozen=True, slots=True)
class Halt:
    """Have the container ended; answered when it has, or at once when there was none. `forever`: it is destroyed."""

    graceful: bool = True
    forever: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """Something the operator wants of the harness; answered when the harness took it, else `unavailable`."""

    action: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The host's word on pausing has changed."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Listen:
    """The harness's ear: answered with a `ControlReply` when there is something to do or after `wait_seconds`."""

    key: object
    """Whose ear it is, for `Deaf`."""
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class Deaf:
    """The client behind this ear is gone; `commands` were handed to it in vain."""

    key: object
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class HarnessSaid:
    """Live events of the harness, of which some change the agent's row."""

    events: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the roster again how things stand; sent by a roster that has just started."""


@dataclass(frozen=True, slots=True)
class InForce:
    """Answered with the AgentConfig that the running container was started with."""


# ---- a container actor to itself -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ended:
    """The container of this id has ended."""

    id: str


@dataclass(frozen=True, slots=True)
class StopOver:
    """The container of this id had its time to end by itself."""

    id: str


@dataclass(frozen=True, slots=True)
class EarOver:
    """The time of this ear is over."""

    key: object


@dataclass(frozen=True, slots=True)
class OrderOver:
    """The time in which the harness could have taken this order is over."""

    order: Order


@dataclass(frozen=True, slots=True)
class AskSigns:
    """Answered with the crash watch's `Signs` of the life inside."""


@dataclass(frozen=True, slots=True)
class Silent:
    """From the crash watch: it has mail and has shown no life for too long. `note` says so in its row."""

    note: str


@dataclass(frozen=True, slots=True)
class Asked:
    """To itself: the harness of one that was silent has asked for mail."""


@dataclass(frozen=True, slots=True)
class RestOver:
    """To itself: time to look whether the rest until then is over."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class TendLog:
    """Look whether the log has outgrown its limit."""

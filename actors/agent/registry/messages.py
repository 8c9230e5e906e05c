"""The messages of the registry. Agents are named by their container (`hm1nd`, not `manager`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actors.broker.messages import Post
from actors.supervision import Promise

# ---- from the operator, the manager and the agents ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeginSpawn:
    """Keep a name for the agent that the sender is about to create. Refused when it is taken.

    Answered with a function that lays out the agent's files and returns the sha of its configuration: the sender calls
    it, because git takes long and the files of many agents are made at the same time. Then it sends `Spawn`, or
    `AbandonSpawn`. `token` is the sender's. `silent`: the sender tells the manager, and has laid out the notes.
    """

    name: str
    silent: bool
    token: object


@dataclass(frozen=True, slots=True)
class Spawn:
    """Create the agent, whose files are laid out, and start it; answered when its actors are up."""

    name: str
    silent: bool
    token: object
    sha: str


@dataclass(frozen=True, slots=True)
class AbandonSpawn:
    """The spawn that was begun with this token has ended, well or badly: its name is free, or an agent's."""

    name: str
    token: object


@dataclass(frozen=True, slots=True)
class Postponed:
    """An order that waited for the start of its agent; `carried` is kept when it was carried out."""

    order: Any
    carried: Promise[Any]


@dataclass(frozen=True, slots=True)
class BroughtUp:
    """The start of an agent's actors is over, well or badly."""

    name: str
    started: Promise[Any]


@dataclass(frozen=True, slots=True)
class Start:
    """The agent is wanted from now on, across restarts of the daemon; a parked agent is tried again."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The agent is not wanted any more. Graceful: its claude is ended politely before the deadline.

    Here and below: a running turn may end first, within the grace, but not with `now`; without `wait` the order is
    answered when it is on disk, and not when it was carried out.
    """

    name: str
    graceful: bool = True
    now: bool = False
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Restart:
    """End the agent's container and start it with the configuration in force; a stopped agent is started."""

    name: str
    now: bool = False
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Restart through `rebuilding`; the manager is told of the outcome unless `silent`: then the sender does that."""

    name: str
    silent: bool = False
    now: bool = False
    wait: bool = True


@dataclass(frozen=True, slots=True)
class RebuildAll:
    """Rebuild these (None: all) of the agents that are wanted, the manager first. → their names in order, at once."""

    names: tuple[str, ...] | None
    reason: str
    now: bool = False
    leads: bool = False
    """To itself: the manager's turn is over, or was waited for long enough."""


@dataclass(frozen=True, slots=True)
class TellStale:
    """Tell the manager, once for each revision, which of these agents run an older revision and are left alone."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kick:
    """Wake the agent with one `system` message."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Destroy:
    """End the agent for good, and with `purge` delete its files; answered when it is forgotten.

    `silent`: the sender tells the manager.
    """

    name: str
    now: bool = False
    purge: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class GetGrace:
    """→ the longest time in seconds that an order waits for a running turn."""


@dataclass(frozen=True, slots=True)
class Forget:
    """The container of an agent that is destroyed has ended, or could not be ended: the second half of the order.

    Its actors, its row and, with `purge`, its files go; then `carried` is kept.
    """

    order: Destroy
    ended: Promise[Any]
    carried: Promise[Any]


@dataclass(frozen=True, slots=True)
class Purge:
    """Delete everything that is kept of a destroyed agent. `conflict` while there is an agent of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class SetPaused:
    """Hold or release the agent's turn loop; remembered while the agent is stopped."""

    name: str
    paused: bool
    reason: str | None = None
    """Why the hive does it; None where a person does."""


@dataclass(frozen=True, slots=True)
class DiskMeasured:
    """What the agent's folders and its log take on the disk."""

    name: str
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class SetDeployed:
    """Note which commit of the agent's configuration is in force; shown in its row."""

    name: str
    sha: str | None


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Set the line that the agent shows about itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ListAgents:
    """Answered with the snapshot of every agent, the manager first."""


@dataclass(frozen=True, slots=True)
class GetPaths:
    """Answered with the `AgentPaths` of an existing agent."""

    name: str


@dataclass(frozen=True, slots=True)
class GetWorkspace:
    """Answered with (Workspace, the frozenset of taken names), for the search for tombstones."""


@dataclass(frozen=True, slots=True)
class CredentialsChanged:
    """The hive may have another key or token for the model: what uses the one before is to use it."""


# ---- to itself ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """Read the table, which could not be read before, and bring all agents up."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Memory may differ from the disk: read the table again."""


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Compare what is wanted of these agents with what is there, and do what is missing.

    With many of them the registry answers others in between. `at_start`: these are all that are looked at first.
    """

    names: tuple[str, ...]
    at_start: bool = False


@dataclass(frozen=True, slots=True)
class AwaitAdopted:
    """→ None, once every agent was looked at after the start, and what ran was adopted."""


@dataclass(frozen=True, slots=True)
class StartAll:
    """Start these agents, the manager first."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotRebuilt:
    """The container actor has carried the rebuild of this one agent out, or has refused it.

    An actor that ended over it (`NotRunning`) is restarted or given up, and that is reported elsewhere.
    """

    name: str
    result: Promise[Any]


@dataclass(frozen=True, slots=True)
class LeaderAsked:
    """The manager that was started at that moment has asked for mail, or (False) the broker could not tell."""

    started_ms: int
    told: bool
    again: bool = False
    """The pause before the next try is over."""


@dataclass(frozen=True, slots=True)
class PostResult:
    """A transaction of posts and changes of rows has ended, well or not."""

    posts: tuple[Post, ...]
    changes: Mapping[str, Mapping[str, Any]]
    result: Promise[Any]


@dataclass(frozen=True, slots=True)
class PostAgain:
    """Try this transaction of posts and changes of rows once more."""

    posts: tuple[Post, ...]
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Flush:
    """Tell the operator of the rows that have changed."""


# ---- to the subscribers of the registry ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentsChanged:
    """An agent was added, forgotten or purged: whatever refers to agents that are no more can be cancelled."""


@dataclass(frozen=True, slots=True)
class LoginNeeded:
    """The harness of this agent lacks its login."""

    name: str


@dataclass(frozen=True, slots=True)
class ConfigurationChecked:
    """The harness of this agent has opened Claude with a new configuration; its observed status says how that went."""

    name: str

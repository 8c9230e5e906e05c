"""The messages of a container actor: what it is told, what it tells itself, and its report to the registry.

Agents are named by their container (`hm1nd`, not `manager`).
"""

from dataclasses import dataclass
from typing import Any

from actors.agent.container.command_queue import QueuedCommand
from actors.agent.snapshot import ObservedStatus
from actors.service.messages import StopPolicy
from actors.supervision import SystemMessage
from harness.wire.agent_api import Command

# ---- from the registry -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Have the container running; answered when it is.

    `again` ends a running container first, when its turn is over or its grace; `now`: at once. `wakeup` is the message
    that tells the agent why it was started.
    """

    again: bool = False
    wakeup: str | None = None
    rebuild: bool = False
    now: bool = False


@dataclass(frozen=True, slots=True)
class Halt:
    """Have the container ended; answered when it has ended, at once when there is none. `forever`: it is destroyed.

    A running turn may end first, within the grace; `now`: it is cut. Not `graceful`: the container is killed.
    """

    graceful: bool = True
    forever: bool = False
    now: bool = False


@dataclass(frozen=True, slots=True)
class AwaitTurn:
    """The container is about to be rebuilt with others: no new turn begins. Answered when the running one is over.

    At the end of the grace it is answered too: then the turn is cut.
    """


@dataclass(frozen=True, slots=True)
class EndOnStop(SystemMessage):
    """The container ends with this actor. The message overtakes others, as the stop that follows it does."""

    policy: StopPolicy


@dataclass(frozen=True, slots=True)
class Pause:
    """The operator has paused or resumed the agent."""

    paused: bool


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """Report the status once more; sent by a registry that has just started."""


# ---- from the operator, the agent's socket and the crash watch ---------------------------------------


@dataclass(frozen=True, slots=True)
class Control:
    """An operator command for the harness; answered when the harness has taken it, else `unavailable`."""

    action: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """The harness polls for commands: answered with a `ControlReply`, at the latest after `wait_seconds`."""

    key: object
    """The identity of this poll, for `Disconnected`."""
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The client of this poll is gone; `commands` were handed to it in vain."""

    key: object
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class HarnessEvents:
    """Live events of the harness, some of which change the agent's row."""

    events: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class GetConfig:
    """Answered with the AgentConfig that the running container was started with."""


@dataclass(frozen=True, slots=True)
class GetLiveness:
    """Answered with the `Liveness` of the harness, for the crash watch."""


@dataclass(frozen=True, slots=True)
class MarkStuck:
    """The agent has mail and has shown no sign of life for too long. `note` says so in its row."""

    note: str


# ---- to itself ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContainerEnded:
    """The container of this id has ended."""

    id: str


@dataclass(frozen=True, slots=True)
class StopTimeout:
    """The container of this id has had its time to end by itself."""

    id: str


@dataclass(frozen=True, slots=True)
class TurnSettled:
    """In this wait for a turn, the broker has said that it is settled (False: it was away; None: ask it again)."""

    wait: int
    known: bool | None = None


@dataclass(frozen=True, slots=True)
class DrainTimeout:
    """The turn that an end waits for has had its grace, which ended at this moment."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class PollTimeout:
    """The time of this poll is over."""

    key: object


@dataclass(frozen=True, slots=True)
class CommandTimeout:
    """The time in which the harness could take this command is over."""

    command: QueuedCommand


@dataclass(frozen=True, slots=True)
class AskedForMail:
    """The harness of a stuck agent has asked for mail."""


@dataclass(frozen=True, slots=True)
class RateLimitOver:
    """The rate limit until this moment (UTC), or until this elapsed time in seconds, may be over."""

    until_ms: int
    over_at: float


@dataclass(frozen=True, slots=True)
class RotateLog:
    """The log may have outgrown its limit."""


# ---- to the registry ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The last status of an agent's container, from its actor to the registry."""

    name: str
    status: ObservedStatus

"""What the manager does with other agents: start, kill, restart, update, read their logs."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES
from harness.wire.model import Done, Request
from harness.wire.names import AgentName
from harness.wire.verb import MANAGER_ONLY, Rows, ToolText, Verb

TheAgent = Annotated[AgentName, Field(description="The agent.")]


class ManagerStart(Request):
    cmd: Literal["start"] = "start"
    name: TheAgent


START = Verb("start", ManagerStart, Done, MANAGER_ONLY, ToolText(text="Start an agent that is stopped."))


class ManagerKill(Request):
    cmd: Literal["kill"] = "kill"
    name: TheAgent


KILL = Verb(
    "kill", ManagerKill, Done, MANAGER_ONLY, ToolText(text="Stop an agent at once. Its unfinished mail comes back.")
)


class ManagerRestart(Request):
    cmd: Literal["restart"] = "restart"
    name: TheAgent


RESTART = Verb(
    "restart",
    ManagerRestart,
    Done,
    MANAGER_ONLY,
    ToolText(text="Stop an agent and start it again, when its running turn is over."),
)


class ManagerUpdate(Request):
    cmd: Literal["update"] = "update"
    name: TheAgent


UPDATE = Verb(
    "update",
    ManagerUpdate,
    Done,
    MANAGER_ONLY,
    ToolText(text="Build an agent again from what is in force, when its running turn is over."),
)


class GetLogs(Request):
    cmd: Literal["get_logs"] = "get_logs"
    agent: TheAgent
    lines: Annotated[
        int,
        Field(ge=1, le=MAX_LOG_LINES, description=f"How many, 1 to {MAX_LOG_LINES}. Default {DEFAULT_LOG_LINES}."),
    ] = DEFAULT_LOG_LINES


class LinesReply(ListReply):
    """Oldest first."""

    keeps_last = True

    lines: list[str]


GET_LOGS = Verb("get_logs", GetLogs, LinesReply, MANAGER_ONLY, ToolText(text="The newest lines of an agent's log."))

VERBS: Rows = (START, KILL, RESTART, UPDATE, GET_LOGS)

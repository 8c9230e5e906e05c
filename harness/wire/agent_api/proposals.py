"""What the manager proposes for the operator to decide: new agents and new configurations."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.values import at_most
from harness.wire.limits import MAX_DESCRIPTION_BYTES
from harness.wire.model import Done, Reply, Request
from harness.wire.names import MANAGER_CONTAINER, AgentName, CommitRef, Id, NewName
from harness.wire.verb import MANAGER_ONLY, Rows, ToolText, Verb

ItsName = Annotated[NewName, Field(description="Its name.")]
TheCommit = Annotated[CommitRef, Field(description="7 to 40 hex digits of the commit.")]
Description = Annotated[str, at_most(MAX_DESCRIPTION_BYTES, "a description")]
Purpose = Annotated[Description | None, Field(description="What it is for, and what you checked.")]


class ApprovalReply(Reply):
    approval_id: int
    sha: str | None = None


class RequestSpawn(Request):
    cmd: Literal["request_spawn"] = "request_spawn"
    name: ItsName
    description: Purpose = None


REQUEST_SPAWN = Verb(
    "request_spawn",
    RequestSpawn,
    ApprovalReply,
    MANAGER_ONLY,
    ToolText(text="Ask the operator for a new agent with the standard configuration."),
)


class RequestSpawnDraft(Request):
    cmd: Literal["request_spawn_draft"] = "request_spawn_draft"
    name: ItsName


class DraftReply(Reply):
    config_path: str
    state_path: str


REQUEST_SPAWN_DRAFT = Verb(
    "request_spawn_draft",
    RequestSpawnDraft,
    DraftReply,
    MANAGER_ONLY,
    ToolText(
        text="Make the configuration repository and state directory of an agent to be, without starting anything."
    ),
)


class RequestSpawnCommit(Request):
    cmd: Literal["request_spawn_commit"] = "request_spawn_commit"
    name: ItsName
    commit_ref: TheCommit
    description: Purpose = None


REQUEST_SPAWN_COMMIT = Verb(
    "request_spawn_commit",
    RequestSpawnCommit,
    ApprovalReply,
    MANAGER_ONLY,
    ToolText(text="Ask the operator to create the drafted agent from a commit of its configuration."),
)


class RequestApplyCommit(Request):
    cmd: Literal["request_apply_commit"] = "request_apply_commit"
    agent: Annotated[AgentName, Field(description=f"The agent; {MANAGER_CONTAINER} is yourself.")]
    commit_ref: TheCommit
    description: Annotated[Description | None, Field(description="What changes and why, and what you checked.")] = None


REQUEST_APPLY_COMMIT = Verb(
    "request_apply_commit",
    RequestApplyCommit,
    ApprovalReply,
    MANAGER_ONLY,
    ToolText(text="Ask the operator to put a commit of an agent's configuration into force."),
)


class Withdraw(Request):
    cmd: Literal["withdraw"] = "withdraw"
    id: Annotated[Id, Field(description="The approval_id of your proposal.")]


WITHDRAW = Verb(
    "withdraw",
    Withdraw,
    Done,
    MANAGER_ONLY,
    ToolText(text="Take back a proposal of yours that the operator has not decided."),
)

VERBS: Rows = (REQUEST_SPAWN, REQUEST_SPAWN_DRAFT, REQUEST_SPAWN_COMMIT, REQUEST_APPLY_COMMIT, WITHDRAW)

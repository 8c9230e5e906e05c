"""Requests that several verbs of the operator share; `cmd` says which one is meant."""

from typing import Annotated

from pydantic import Field

from harness.wire.limits import DEFAULT_ROWS, MAX_PATH_CHARACTERS, MAX_ROWS
from harness.wire.model import Request
from harness.wire.names import AgentName, Id


class Plain(Request):
    """A verb without arguments."""


class ByName(Request):
    """A verb on one agent."""

    name: AgentName


class ById(Request):
    """A verb on one row."""

    id: Id


ActorPath = Annotated[str, Field(min_length=1, max_length=MAX_PATH_CHARACTERS, pattern=r"^[a-z0-9][a-z0-9_/-]*$")]
"""An actor of the tree by its names below the root: `broker`, `agents/alice/container`."""


class ByPath(Request):
    """A verb on one actor of the tree."""

    path: ActorPath


class Listing(Request):
    """A page of rows, newest last; `before` is an id to page back from."""

    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = DEFAULT_ROWS
    before: Id | None = None

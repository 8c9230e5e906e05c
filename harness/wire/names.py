"""Names and ids on the wire: who can be addressed, and how the manager's two spellings meet.

Source of the rules: docs/protocol.md, "Framing". Pure; standard library and pydantic only.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

MAX_NAME_LENGTH = 32
"""Characters; a runtime may allow fewer and says so when a spawn is requested."""

OPERATOR = "operator"
MANAGER = "manager"
MANAGER_CONTAINER = "hm1nd"
SYSTEM = "system"
REMINDER = "reminder"
SELF = "self"
BROADCAST = "*"
HIVE_WIDE = "*"
"""The agent under which a series of the whole hive is filed."""

RESERVED = frozenset({OPERATOR, MANAGER, MANAGER_CONTAINER, SYSTEM, REMINDER, SELF})
"""Names no agent or peer can be given."""

_SHAPE = re.compile(r"[a-z][a-z0-9-]*")


def check_agent_name(name: str) -> str:
    """Return `name` if it is a well-formed agent name (reserved ones included), else raise ValueError."""
    if len(name) > MAX_NAME_LENGTH:
        raise ValueError(f"a name has at most {MAX_NAME_LENGTH} characters, this one has {len(name)}")
    if not _SHAPE.fullmatch(name) or name.endswith("-"):
        raise ValueError(f"{name!r} is no agent name: lower-case letters, digits and inner dashes, a letter first")
    return name


def check_new_name(name: str) -> str:
    """Return `name` if a new agent or peer may take it, else raise ValueError."""
    check_agent_name(name)
    if name in RESERVED:
        raise ValueError(f"{name!r} is reserved")
    return name


def check_recipient(name: str) -> str:
    """Return `name` if a message can be addressed to it: an agent, the operator, the manager, self or `*`."""
    return name if name == BROADCAST else check_agent_name(name)


def broker_name(name: str) -> str:
    """The name the broker files mail under: the manager's container name becomes `manager`."""
    return MANAGER if name == MANAGER_CONTAINER else name


def container_name(name: str) -> str:
    """The name of the agent's folder and container: `manager` becomes `hm1nd`."""
    return MANAGER_CONTAINER if name == MANAGER else name


AgentName = Annotated[str, AfterValidator(check_agent_name)]
"""An existing agent, either spelling of the manager included."""

NewName = Annotated[str, AfterValidator(check_new_name)]
"""A name that is about to be given to a new agent or peer."""

Recipient = Annotated[str, AfterValidator(check_recipient)]
"""Where a message goes: an agent, `operator`, `manager`, `self` or `*`."""

Id = Annotated[int, Field(ge=0, le=2**63 - 1)]

CommitRef = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{7,40}$")]
"""7 to 40 lower-case hex digits: a commit, never a branch or a tag."""

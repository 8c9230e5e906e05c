"""The directory names under which the agents' actors are found."""

REGISTRY = "registry"
"""The actor that owns the table of agents."""

AGENTS = "agents"
"""The dynamic supervisor that holds one child supervisor per agent."""

CONTAINER = "container"
"""The child of an agent's supervisor that owns its container."""

SOCKET = "socket"
"""The child of an agent's supervisor that serves its socket."""

HARNESS = "harness"
"""The child of an agent's supervisor that serves its harness."""


def agent_supervisor(container: str) -> str:
    """The name of the supervisor of this agent."""
    return f"{AGENTS}/{container}"


def container_actor(container: str) -> str:
    """The name of the actor that owns this agent's container."""
    return f"{AGENTS}/{container}/{CONTAINER}"


def agent_with(child: str, actor_name: str) -> str | None:
    """The agent whose supervisor has `actor_name` as its child `child`; None for any other actor."""
    parts = actor_name.split("/")
    return parts[1] if len(parts) == 3 and parts[0] == AGENTS and parts[2] == child else None

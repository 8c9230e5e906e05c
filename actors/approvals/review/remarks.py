"""What the operator should know of a configuration beside its text: what nothing enforces. Pure."""

from collections.abc import Mapping

from actors.agent.bash_patterns import promise
from actors.agent.container.limits import NOT_ENFORCED
from harness.wire.agent_config import AgentConfig
from harness.wire.visible import visible

MAX_REMARKS = 40


def remarks(config: AgentConfig, limits: Mapping[str, str]) -> list[str]:
    """Sentences for the approval. `limits`: how the runtime enforces each limit that is set, in its words."""
    said = [f"limits.{name} is {words}" for name, words in limits.items() if words.startswith(NOT_ENFORCED)]
    said += [
        f"{visible(pattern)[:200]}: {words}"
        for pattern in config.allowedBashPatterns or ()
        if (words := promise(pattern)) is not None
    ]
    if len(said) > MAX_REMARKS:
        said = [*said[:MAX_REMARKS], f"{len(said) - MAX_REMARKS} more remarks of this kind"]
    return said

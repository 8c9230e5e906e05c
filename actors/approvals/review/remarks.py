"""What the operator should know of a configuration beside its text: what nothing enforces. Pure."""

from collections.abc import Mapping

from actors.agent.bash_patterns import promise
from harness.wire.agent_config import AgentConfig
from harness.wire.visible import visible

NOT_ENFORCED = "not enforced"
"""With these words a runtime's description of a limit begins where the limit does not hold."""
MAX_REMARKS = 40


HOST = (
    'network.mode is "host": it reaches all that this machine reaches, services on its loopback included, nothing is '
    "recorded, and the API key is in its environment"
)
NO_NETWORK_OF_ITS_OWN = (
    "the network is not limited: this runtime cannot isolate, so the agent reaches all that this machine reaches"
)


def remarks(config: AgentConfig, limits: Mapping[str, str], *, isolates_network: bool) -> list[str]:
    """Sentences for the approval. `limits`: how the runtime enforces each limit that is set, in its words."""
    said = [] if isolates_network else [NO_NETWORK_OF_ITS_OWN]
    said += [HOST] if isolates_network and not config.network.isolated else []
    said += [f"limits.{name} is {words}" for name, words in limits.items() if words.startswith(NOT_ENFORCED)]
    said += [
        f"{visible(pattern)[:200]}: {words}"
        for pattern in config.allowedBashPatterns or ()
        if (words := promise(pattern)) is not None
    ]
    if len(said) > MAX_REMARKS:
        said = [*said[:MAX_REMARKS], f"{len(said) - MAX_REMARKS} more remarks of this kind"]
    return said

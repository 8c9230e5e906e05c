"""What the operator should know of a configuration beside its text: what nothing enforces. Pure."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from actors.agent.bash_patterns import promise
from actors.agent.container.limits import NOT_ENFORCED
from actors.secrets.credentials import literal_credentials
from actors.secrets.programs import changeable_programs
from actors.secrets.references import references
from harness.wire.agent_config import AgentConfig
from harness.wire.visible import visible

MAX_REMARKS = 40


HOST = (
    'network.mode is "host": it reaches all that this machine reaches, services on its loopback included, nothing is '
    "recorded, and the API key is in its environment"
)
WEB_SEARCH = (
    "WebSearch searches through the model's service: what it asks for and finds passes by the network settings and the "
    "record of hosts"
)
NO_NETWORK_OF_ITS_OWN = (
    "the network is not limited: this runtime cannot isolate, so the agent reaches all that this machine reaches"
)


def remarks(
    config: AgentConfig,
    limits: Mapping[str, str],
    *,
    isolates_network: bool,
    known_secrets: AbstractSet[str] = frozenset(),
) -> list[str]:
    """Sentences for the approval. `limits`: how the runtime enforces each limit that is set, in its words.

    `known_secrets`: the names of the secrets that exist.
    """
    said = [] if isolates_network else [NO_NETWORK_OF_ITS_OWN]
    said += [HOST] if isolates_network and not config.network.isolated else []
    said += [
        f"{visible(place)} needs the secret {visible(name)}, which does not exist: `hive secret set {visible(name)}` "
        "before you approve"
        for place, name in references(config)
        if name not in known_secrets
    ]
    said += [
        f"{visible(place)} is a file that the agent can change: it can take the secrets that this server is given"
        for place in changeable_programs(config)
    ]
    said += [
        f"{visible(place)} looks like a credential, and stands in git and in this diff: `hive secret set {name}`, then "
        f'"secret:{name}" in its place'
        for place, name in literal_credentials(config)
    ]
    said += [WEB_SEARCH] if "WebSearch" in (config.allowedTools or ()) and config.network.isolated else []
    said += [f"limits.{name} is {words}" for name, words in limits.items() if words.startswith(NOT_ENFORCED)]
    said += [
        f"{visible(pattern)[:200]}: {words}"
        for pattern in config.allowedBashPatterns or ()
        if (words := promise(pattern)) is not None
    ]
    if len(said) > MAX_REMARKS:
        said = [*said[:MAX_REMARKS], f"{len(said) - MAX_REMARKS} more remarks of this kind"]
    return said

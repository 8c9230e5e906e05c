"""Whether a name belongs to anything in this hive: an empty list of an unknown name must not look like an answer."""

from actors.agent.registry import api as agents
from actors.approvals import api as approvals
from actors.gateway.context import OperatorContext
from actors.peers import api as peers
from harness.wire import names
from harness.wire.errors import not_found


def check_agent(context: OperatorContext, name: str) -> None:
    """Refuse a name that neither an agent nor a peer has: `not_found`. A destroyed agent that is kept has its name."""
    if not _exists(context, name):
        raise not_found(f"agent {name!r}", "`hive agents` lists them")


def check_correspondent(context: OperatorContext, name: str) -> None:
    """Refuse a name that neither an agent nor a peer nor the hive itself writes under: `not_found`."""
    if names.broker_name(name) not in names.RESERVED and not _exists(context, name):
        raise not_found(f"agent or peer {name!r}", "`hive agents` and `hive peer list` list the names")


def _exists(context: OperatorContext, name: str) -> bool:
    try:
        wanted = names.broker_name(names.check_agent_name(name))
    except ValueError:
        return False
    if wanted in {names.broker_name(one) for one in agents.names(context.directory)}:
        return True
    return (
        peers.is_peer(context.directory, name) or approvals.context(context.directory).repositories.applied(name).exists
    )

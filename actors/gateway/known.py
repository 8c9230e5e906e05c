"""Whether a name belongs to anything in this hive: an empty list of an unknown name must not look like an answer."""

from actors.agent.registry import api as agents
from actors.approvals import api as approvals
from actors.gateway.context import OperatorContext
from actors.peers import api as peers
from harness.wire import names
from harness.wire.errors import ErrorCode, HiveError, not_found


def check_agent(context: OperatorContext, name: str) -> None:
    """Refuse a name that neither an agent nor a peer has: `not_found`. A destroyed agent that is kept has its name."""
    if peers.is_peer(context.directory, name):
        return
    try:
        agents.row(context.directory, name)
    except HiveError as error:
        if error.code is not ErrorCode.NOT_FOUND or not _has_configuration(context, name):
            raise


def check_correspondent(context: OperatorContext, name: str) -> None:
    """Refuse a name that neither an agent nor a peer nor the hive itself writes under: `not_found`."""
    if names.broker_name(name) in names.RESERVED:
        return
    try:
        check_agent(context, name)
    except HiveError as error:
        if error.code not in {ErrorCode.NOT_FOUND, ErrorCode.BAD_REQUEST}:
            raise
        hint = "`hive agents` and `hive peer list` list the names"
        raise not_found(f"agent or peer {name!r}", hint) from None


def _has_configuration(context: OperatorContext, name: str) -> bool:
    return approvals.context(context.directory).repositories.applied(name).exists

"""In which turn an agent is: what it sends, asks, sets and proposes names that turn as its cause.

The harness begins and settles turns over its own socket, which the agent's processes cannot reach. So no request says
it, and an agent cannot name another turn.
"""

from actors.agent.socket.context import RequestContext
from actors.broker.turns import api as turns
from harness.wire.boundary import causes
from harness.wire.verb import Caller


def begin(context: RequestContext, message_ids: list[int]) -> int:
    """The agent's harness begins a turn with these messages; the number of the turn."""
    number = turns.begin(context.directory, context.name, message_ids, context.clock.now_ms())
    context.client.set_turn(causes.turn_name(context.name, number))
    return number


def settle(context: RequestContext) -> None:
    """The leases are settled; when the agent's harness did it, the turn is over."""
    if context.caller is Caller.HARNESS and cause_of(context) is not None:
        context.client.set_turn(None)
        turns.settle(context.directory, context.name, context.clock.now_ms())


def give(context: RequestContext, message_ids: list[int]) -> None:
    """The agent itself has read these messages, in the turn it is in."""
    cause = None if context.caller is Caller.HARNESS else cause_of(context)
    if cause is not None:
        turns.give(context.directory, context.name, causes.parse(cause).number, message_ids)


def cause_of(context: RequestContext) -> str | None:
    """The turn that the agent is in, by its name; None between turns, and for a peer."""
    client = context.client
    if not client.turn_is_known:
        number = None if context.caller is Caller.PEER else turns.current(context.directory, context.name)
        if not client.turn_is_known:  # a turn may have begun while the database was read
            client.set_turn(None if number is None else causes.turn_name(context.name, number))
    return client.turn

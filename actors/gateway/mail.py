"""Verbs on mail: the operator's own inbox, the whole flow, sending as `operator`."""

from actors.broker import api as broker
from actors.connection import Connection
from actors.gateway.services import Services, Verb
from harness.wire import agent_api, names, operator_api
from harness.wire.model import Reply, Request


def send(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Send)
    return broker.send(
        services.directory,
        sender=names.OPERATOR,
        to=request.to,
        body=request.body,
        in_reply_to=request.in_reply_to,
    )


def inbox(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Listing)
    rows = broker.inbox(services.directory, limit=request.limit, before=request.before)
    return agent_api.MessagesReply(messages=rows)


def messages(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Listing)
    rows = broker.messages(services.directory, limit=request.limit, before=request.before)
    return agent_api.MessagesReply(messages=rows)


VERBS: dict[str, Verb] = {"send": send, "inbox": inbox, "messages": messages}

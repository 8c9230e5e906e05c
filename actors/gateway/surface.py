"""The operator surface as it is served: which verb is answered by which function, on which socket."""

from actors.connection import Connection
from actors.gateway import agents, approvals, configs, house, mail, peers, questions, watching
from actors.gateway.services import Services, Verb
from actors.listener import Handler
from harness.wire.agent_api import Verbs
from harness.wire.model import Reply, Request
from harness.wire.operator_api import HOST_VERBS, WEB_VERBS

SERVED: dict[str, Verb] = (
    mail.VERBS
    | agents.VERBS
    | peers.VERBS
    | approvals.VERBS
    | configs.VERBS
    | questions.VERBS
    | watching.VERBS
    | house.VERBS
)

HOST_SURFACE: Verbs = {cmd: entry for cmd, entry in HOST_VERBS.items() if cmd in SERVED}
"""`host.sock`: everything."""

WEB_SURFACE: Verbs = {cmd: entry for cmd, entry in WEB_VERBS.items() if cmd in SERVED}
"""`web.sock`: without what goes round the approval queue."""


def handler(services: Services) -> Handler:
    """The function a listener calls for each request of this surface."""

    def answer(request: Request, connection: Connection) -> Reply | None:
        return SERVED[request.cmd](services, request, connection)

    return answer

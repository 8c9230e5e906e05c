"""The routes of an agent's socket: which function answers which verb of `harness.wire.agent_api`."""

from actors.agent.socket import harness, identity, lifecycle, mail, proposals, questions, reminders
from actors.agent.socket.context import RequestContext
from actors.routes import Route

ROUTES: tuple[Route[RequestContext], ...] = (
    *mail.ROUTES,
    *questions.ROUTES,
    *reminders.ROUTES,
    *identity.ROUTES,
    *harness.ROUTES,
    *proposals.ROUTES,
    *lifecycle.ROUTES,
)
"""Every verb of the table. The listener serves those that the row gives to the caller of the socket."""

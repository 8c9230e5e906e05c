"""The operator surface: which function answers which verb of `harness.wire.operator_api`."""

from actors.gateway import (
    agents,
    causes,
    configs,
    daemon,
    mail,
    peers,
    quarantine,
    questions,
    reminders,
    search,
    secrets,
    sessions,
    suspensions,
    terminals,
    watching,
)
from actors.gateway.context import OperatorContext
from actors.gateway.decisions import approvals, comments
from actors.gateway.needs import deferring, recording
from actors.gateway.needs import reading as needs
from actors.routes import Route

ROUTES: tuple[Route[OperatorContext], ...] = recording.recorded(
    (
        *agents.ROUTES,
        *approvals.ROUTES,
        *comments.ROUTES,
        *configs.ROUTES,
        *mail.ROUTES,
        *questions.ROUTES,
        *reminders.ROUTES,
        *watching.ROUTES,
        *daemon.ROUTES,
        *needs.ROUTES,
        *deferring.ROUTES,
        *peers.ROUTES,
        *sessions.ROUTES,
        *suspensions.ROUTES,
        *terminals.ROUTES,
        *quarantine.ROUTES,
        *secrets.ROUTES,
        *search.ROUTES,
        *causes.ROUTES,
    )
)
"""Every verb of the table. A row says whether `web.sock` has it beside `host.sock`."""

"""Every address of the site: method, path, who may call it, and the page or action behind it."""

from collections.abc import Callable
from enum import StrEnum

from web.actions import agents, decisions, messages, preferences, proposals, review, triage
from web.http.response import HttpResponse
from web.pages import (
    actors,
    agent,
    agent_log,
    approval,
    causes,
    config,
    dashboard,
    decision_log,
    kept_requests,
    keyboard,
    login,
    promises,
    search,
    sessions,
    stats,
    terminal,
    thread,
)
from web.pages.programs import api, event_stream, monitoring
from web.palette import page


class Access(StrEnum):
    """Who may call a route."""

    OPEN = "open"
    """Everyone who reaches the port; a POST still has to come from this site."""
    READ = "read"
    """The operator, with the session cookie or with the token as a bearer."""
    ACT = "act"
    """The operator, with the session's CSRF token. A bearer needs none, because no browser sends it by itself."""


Handler = Callable[..., HttpResponse]

ROUTES: tuple[tuple[str, str, Access, Handler], ...] = (
    ("GET", "/", Access.READ, dashboard.show),
    ("GET", "/section/flow/rows", Access.READ, dashboard.flow_rows),
    ("GET", "/section/containers/rows", Access.READ, dashboard.agent_rows),
    ("GET", "/section/tree", Access.READ, actors.section),
    ("GET", "/section/stats", Access.READ, stats.section),
    ("GET", "/section/<name>", Access.READ, dashboard.section),
    ("GET", "/agent/<name>/", Access.READ, agent.show),
    ("GET", "/agent/<name>/head", Access.READ, agent.head),
    ("GET", "/agent/<name>/log", Access.READ, agent_log.section),
    ("GET", "/agent/<name>/log/rows", Access.READ, agent_log.rows),
    ("GET", "/agent/<name>/log/event/<number>", Access.READ, agent_log.event),
    ("GET", "/agent/<name>/log/image/<place>", Access.READ, agent_log.image),
    ("GET", "/agent/<name>/tab", Access.READ, agent.tab),
    ("GET", "/panel/journal/<name>", Access.READ, agent.journal_panel),
    ("GET", "/panel/config/<name>", Access.READ, config.panel),
    ("GET", "/approval/<number>/", Access.READ, approval.show),
    ("GET", "/approval/<number>/<place:re:review|beside>", Access.READ, approval.refreshed),
    ("GET", "/approval/<number>/undo", Access.READ, approval.undo),
    ("GET", "/approval/<number>/part/<part>", Access.READ, approval.part),
    ("GET", "/config/<name>/", Access.READ, config.show),
    ("GET", "/config/<name>/<part>", Access.READ, config.part),
    ("GET", "/kept-requests/<name>", Access.READ, kept_requests.show),
    ("GET", "/actors", Access.READ, actors.show),
    ("GET", "/stats", Access.READ, stats.show),
    ("GET", "/terminal/<id_>/", Access.READ, terminal.show),
    ("GET", "/terminal/<id_>/socket", Access.READ, terminal.socket),
    ("GET", "/terminal/<id_>/recording", Access.READ, terminal.recording),
    ("POST", "/terminal/<id_>/close", Access.ACT, terminal.close),
    ("POST", "/open-terminal/<name>", Access.ACT, terminal.open_),
    ("GET", "/palette", Access.READ, page.show),
    ("GET", "/api/palette", Access.READ, page.rows),
    ("GET", "/keys", Access.READ, keyboard.show),
    ("GET", "/events", Access.READ, event_stream.stream),
    ("GET", "/api/state", Access.READ, api.state),
    ("GET", "/api/messages", Access.READ, api.messages),
    ("GET", "/api/actors", Access.READ, api.actors),
    ("GET", "/api/journal/<name>", Access.READ, api.journal),
    ("GET", "/api/stats", Access.READ, api.stats),
    ("GET", "/api/needs", Access.READ, api.notifications),
    ("GET", "/api/agent-config/<name>", Access.READ, api.agent_config),
    ("GET", "/api/approvals/<number>/diff", Access.READ, api.approval_diff),
    ("GET", "/api/approvals/<number>/review", Access.READ, api.approval_review),
    ("GET", "/api/state-file", Access.READ, api.state_file),
    ("GET", "/metrics", Access.READ, monitoring.metrics),
    ("GET", "/healthz", Access.OPEN, monitoring.health),
    ("GET", "/readyz", Access.OPEN, monitoring.ready),
    ("GET", "/login", Access.OPEN, login.show),
    ("POST", "/login", Access.OPEN, login.log_in),
    ("POST", "/logout", Access.ACT, login.log_out),
    ("GET", "/decisions", Access.READ, decision_log.show),
    ("GET", "/verify", Access.READ, promises.show),
    ("GET", "/search", Access.READ, search.show),
    ("GET", "/<verb:re:why|effects>/<kind>/<name:path>", Access.READ, causes.show),
    ("GET", "/thread/<number>", Access.READ, thread.show),
    ("GET", "/sessions", Access.READ, sessions.show),
    ("POST", "/end-session/<number>", Access.ACT, sessions.end),
    ("POST", "/end-other-sessions", Access.ACT, sessions.end_others),
    ("POST", "/preferences", Access.ACT, preferences.choose),
    ("POST", "/mail-read", Access.ACT, messages.mark_read),
    ("POST", "/notices-seen", Access.ACT, preferences.dismiss_notices),
    ("POST", "/op-send", Access.ACT, messages.send),
    ("POST", "/agent/<name>/say", Access.ACT, messages.compose),
    ("POST", "/agent/<name>/control", Access.ACT, agents.control),
    ("POST", "/destroy/<name>", Access.ACT, agents.destroy),
    ("POST", "/approve/<number>", Access.ACT, decisions.approve),
    ("POST", "/deny/<number>", Access.ACT, decisions.deny),
    ("POST", "/comment/<number>", Access.ACT, review.comment),
    ("POST", "/edit-comment/<number>", Access.ACT, review.edit),
    ("POST", "/drop-comment/<number>", Access.ACT, review.drop),
    ("POST", "/mark-viewed/<number>", Access.ACT, review.mark_viewed),
    ("POST", "/answer-question/<number>", Access.ACT, decisions.answer),
    ("POST", "/<verb:re:" + "|".join(decisions.ROW_VERBS) + ">/<number>", Access.ACT, decisions.row_verb),
    ("POST", "/snooze-need", Access.ACT, triage.snooze),
    ("POST", "/wake-need", Access.ACT, triage.wake),
    ("POST", "/delegate-need", Access.ACT, triage.delegate),
    ("POST", "/drop-quarantined", Access.ACT, decisions.drop_quarantined),
    ("POST", "/rebuild-all", Access.ACT, decisions.rebuild_all),
    ("POST", "/request-spawn", Access.ACT, decisions.request_spawn),
    ("POST", "/make-draft", Access.ACT, proposals.make_draft),
    ("POST", "/discard-draft/<name>", Access.ACT, proposals.discard_draft),
    ("POST", "/edit-config/<name>", Access.ACT, proposals.edit),
    ("POST", "/propose/<name>", Access.ACT, proposals.propose),
    ("POST", "/undo/<number>", Access.ACT, proposals.undo),
    ("POST", "/request-again/<number>", Access.ACT, proposals.again),
    ("POST", "/revert/<number>", Access.ACT, proposals.revert),
    ("POST", "/revive/<name>", Access.ACT, decisions.revive),
    ("POST", "/purge-tombstone/<name>", Access.ACT, decisions.purge_tombstone),
    ("POST", "/<verb:re:" + "|".join(agents.VERBS) + ">/<name>", Access.ACT, agents.verb),
)

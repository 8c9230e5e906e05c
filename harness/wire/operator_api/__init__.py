"""What the operator may ask over `host.sock` and the web process over `web.sock`, and what they are answered.

The exact bytes of the original's foreign client (`{"cmd":"agent_status"}`, `{"cmd":"approve","id":42}`, …)
are requests of this surface. One module per topic holds requests, replies and the rows of the table; the daemon, its
clients and `docs/protocol.md` are made from or checked against `ROWS`. A `StreamVerb` answers with one ok line and
then one line per change.
"""

from harness.wire.verb import Caller, Rows, Verbs, verbs_for

from . import (
    agents,
    approvals,
    causes,
    comments,
    configs,
    daemon,
    mail,
    needs,
    quarantine,
    questions,
    reminders,
    search,
    suspensions,
    terminals,
    watching,
)
from .access import peers, secrets, sessions
from .access.peers import NewPeer, PeerReply, PeersReply
from .access.secrets import DeleteSecret, SecretRow, SecretsReply, SetSecret, SetSecretReply
from .access.sessions import CheckSession, OpenSession, SessionReply, SessionsReply
from .agents import (
    AgentControl,
    AgentStatus,
    AgentStatusReply,
    Destroy,
    HostsReply,
    Journal,
    NamesReply,
    PlannedReply,
    Rebuild,
    RebuildAll,
    Restart,
    Scope,
    SetPaused,
    Spawn,
    Start,
    Stop,
    TombstonesReply,
    UrlsReply,
)
from .approvals import ApprovalDiff, ApprovalsReply, DecisionsReply, Deny, RequestEdit, RequestRevert
from .configs import ConfigQuery, SourceReply
from .daemon import AboutReply, StackReply, TreeReply, VerifyReply
from .mail import Messages
from .quarantine import DropQuarantined, QuarantineReply
from .questions import AnswerQuestion, QuestionsReply
from .reminders import RemindersReply
from .replies import DiffReply, RowsReply, TextReply
from .requests import ActorPath, ById, ByName, ByPath, Listing, Plain
from .suspensions import KeptRequestsReply, SuspensionsReply
from .watching import Events, EventsReply, LiveHistory, SeriesReply, StateFile, Stats, Turns, TurnsReply

ROWS: Rows = (
    *agents.VERBS,
    *approvals.VERBS,
    *comments.VERBS,
    *configs.VERBS,
    *mail.VERBS,
    *questions.VERBS,
    *reminders.VERBS,
    *watching.VERBS,
    *daemon.VERBS,
    *needs.VERBS,
    *peers.VERBS,
    *sessions.VERBS,
    *suspensions.VERBS,
    *quarantine.VERBS,
    *secrets.VERBS,
    *search.VERBS,
    *terminals.VERBS,
    *causes.VERBS,
)
"""The table: every verb of `host.sock`."""

HOST_VERBS: Verbs = verbs_for(Caller.OPERATOR, ROWS)

WEB_VERBS: Verbs = verbs_for(Caller.WEB, ROWS)
"""The operator surface as the web process has it: nothing that goes round the approval queue, no raw paths."""

__all__ = [
    "HOST_VERBS",
    "ROWS",
    "WEB_VERBS",
    "AboutReply",
    "ActorPath",
    "AgentControl",
    "AgentStatus",
    "AgentStatusReply",
    "AnswerQuestion",
    "ApprovalDiff",
    "ApprovalsReply",
    "ById",
    "ByName",
    "ByPath",
    "CheckSession",
    "ConfigQuery",
    "DecisionsReply",
    "DeleteSecret",
    "Deny",
    "Destroy",
    "DiffReply",
    "DropQuarantined",
    "Events",
    "EventsReply",
    "HostsReply",
    "Journal",
    "KeptRequestsReply",
    "Listing",
    "LiveHistory",
    "Messages",
    "NamesReply",
    "NewPeer",
    "OpenSession",
    "PeerReply",
    "PeersReply",
    "Plain",
    "PlannedReply",
    "QuarantineReply",
    "QuestionsReply",
    "Rebuild",
    "RebuildAll",
    "RemindersReply",
    "RequestEdit",
    "RequestRevert",
    "Restart",
    "RowsReply",
    "Scope",
    "SecretRow",
    "SecretsReply",
    "SeriesReply",
    "SessionReply",
    "SessionsReply",
    "SetPaused",
    "SetSecret",
    "SetSecretReply",
    "SourceReply",
    "Spawn",
    "StackReply",
    "Start",
    "StateFile",
    "Stats",
    "Stop",
    "SuspensionsReply",
    "TextReply",
    "TombstonesReply",
    "TreeReply",
    "Turns",
    "TurnsReply",
    "UrlsReply",
    "VerifyReply",
]

"""Every table of the databases, as its owner declares it. A test compares the list with the schema."""

from actors.admission.queries import KEPT_REQUESTS, SUSPENSIONS
from actors.agent.registry.table import AGENTS
from actors.approvals.comments.table import COMMENTS, VIEWED
from actors.approvals.queries import APPROVALS, DECISIONS
from actors.broker.tables import ADDRESSEES, FAILED, GENERATIONS, MESSAGES, TURN_MESSAGES
from actors.broker.tables import TURNS as AGENT_TURNS
from actors.peers.queries import PEERS
from actors.questions.queries import QUESTIONS
from actors.scheduler.queries import REMINDERS
from actors.sessions.queries import SESSIONS, SITE_NAME
from actors.store.messages import Database
from actors.store.stored_table import StoredTable
from actors.telemetry.histories import HISTORIES
from actors.telemetry.queries import EVENTS, TURNS
from actors.telemetry.series import STATS
from actors.triage.queries import ANSWERED_NEEDS, SNOOZES

TABLES: dict[Database, tuple[StoredTable, ...]] = {
    Database.HIVE: (
        AGENTS, PEERS, ADDRESSEES, GENERATIONS, MESSAGES, FAILED, QUESTIONS, REMINDERS, APPROVALS, DECISIONS,
        COMMENTS, VIEWED, SUSPENSIONS, KEPT_REQUESTS, SESSIONS, SITE_NAME, SNOOZES, ANSWERED_NEEDS, AGENT_TURNS,
        TURN_MESSAGES,
    ),
    Database.TELEMETRY: (HISTORIES, TURNS, EVENTS, STATS),
}  # fmt: skip

DATABASE_OF = {table.name: database for database, tables in TABLES.items() for table in tables}
BY_NAME = {table.name: table for tables in TABLES.values() for table in tables}

"""The tables. Each names its owner, the one actor that writes it, and its keep-window in `docs/persistence.md`.

Times are integer milliseconds UTC; booleans are 0 and 1. Tables are STRICT: SQLite refuses a value of the
wrong type. The models describe the newest schema; `migrations/` brings every older file there.
"""

# ruff: noqa: D106 — peewee's Meta is configuration

from typing import Any

from peewee import AutoField, CompositeKey, FloatField, IntegerField, Model, SqliteDatabase, TextField

_DIALECT = SqliteDatabase(None)
"""Never opened: peewee writes the SQL, the store's own connections run it."""


class _Table(Model):
    class Meta:
        database = _DIALECT
        strict_tables = True
        legacy_table_names = False


class Message(_Table):
    """One message in the inbox of one recipient. Owner: broker, which also gives out the ids."""

    id = IntegerField(primary_key=True)
    sender = TextField()
    recipient = TextField()
    size = IntegerField()
    body = TextField()
    kind = TextField()
    sent_at = IntegerField()
    in_reply_to = IntegerField(null=True)
    broadcast = IntegerField(default=0)
    leased_at = IntegerField(null=True)
    redelivered = IntegerField(default=0)
    acked_at = IntegerField(null=True)
    undelivered = IntegerField(default=0)
    cause = TextField(null=True)
    thread = IntegerField(null=True)

    class Meta:
        table_name = "messages"


class AgentTurn(_Table):
    """A turn of an agent, from its beginning to the moment at which its leases were settled. Owner: broker."""

    agent = TextField()
    number = IntegerField()
    began_at = IntegerField()
    settled_at = IntegerField(null=True)

    class Meta:
        table_name = "agent_turns"
        primary_key = CompositeKey("agent", "number")
        without_rowid = True


class TurnMessage(_Table):
    """A message that a turn was given. Owner: broker."""

    agent = TextField()
    number = IntegerField()
    message_id = IntegerField()

    class Meta:
        table_name = "turn_messages"
        primary_key = CompositeKey("agent", "number", "message_id")
        without_rowid = True


class FailedMessage(_Table):
    """A message whose turns failed. With `set_aside_at` it is a dead letter, until the operator acts. Owner: broker."""

    id = IntegerField(primary_key=True)
    attempts = IntegerField()
    outages = IntegerField()
    reason = TextField()
    failing_since = IntegerField()
    failed_at = IntegerField()
    set_aside_at = IntegerField(null=True)

    class Meta:
        table_name = "failed_messages"


class Addressee(_Table):
    """Each name that can receive mail, and whom it may write to. Owner: broker."""

    name = TextField(primary_key=True)
    role = TextField()
    allowed_recipients = TextField(null=True)
    registered_at = IntegerField()

    class Meta:
        table_name = "addressees"


class Generation(_Table):
    """The owners of each name, one after the other; the messages from its first id on are an owner's. Owner: broker."""

    name = TextField()
    number = IntegerField()
    first_message_id = IntegerField()
    began_at = IntegerField()
    ended_at = IntegerField(null=True)

    class Meta:
        table_name = "generations"
        primary_key = CompositeKey("name", "number")
        without_rowid = True


class Agent(_Table):
    """The desired state of each agent, and its last known figures. Owner: agent/registry."""

    name = TextField(primary_key=True)
    role = TextField()
    desired = TextField()
    paused = IntegerField(default=0)
    deployed_sha = TextField(null=True)
    parked_reason = TextField(null=True)
    parked_at = IntegerField(null=True)
    start_error = TextField(null=True)
    model = TextField(null=True)
    status_text = TextField(null=True)
    status_set_at = IntegerField(null=True)
    created_at = IntegerField()
    changed_at = IntegerField()
    needs_login = IntegerField(null=True)
    revision = TextField(null=True)
    told_revision = TextField(null=True)
    rate_limited_until = IntegerField(null=True)
    pause_reason = TextField(null=True)
    ending = TextField(null=True)
    ending_since = IntegerField(null=True)
    checked_sha = TextField(null=True)

    class Meta:
        table_name = "agents"


class Peer(_Table):
    """Outside sessions that joined the broker. Owner: peers."""

    name = TextField(primary_key=True)
    created_at = IntegerField()
    uid = IntegerField(null=True)
    status_text = TextField(null=True)
    status_set_at = IntegerField(null=True)

    class Meta:
        table_name = "peers"


class Session(_Table):
    """The logins of the dashboard that have not ended. Owner: sessions."""

    id = AutoField()
    digest = TextField(unique=True)
    opened_at = IntegerField()
    seen_at = IntegerField()
    ends_at = IntegerField()
    address = TextField()
    user_agent = TextField()

    class Meta:
        table_name = "sessions"


class SiteName(_Table):
    """The host name of the dashboard; one row. Owner: sessions."""

    name = TextField(primary_key=True)

    class Meta:
        table_name = "site_name"


class Suspension(_Table):
    """Agents and peers whose requests are refused. Owner: admission."""

    name = TextField(primary_key=True)
    at = IntegerField()
    reason = TextField()
    generation = IntegerField()

    class Meta:
        table_name = "suspensions"


class KeptRequest(_Table):
    """Requests over which something crashed, a few of each client. Owner: admission."""

    id = AutoField()
    name = TextField()
    at = IntegerField()
    actor = TextField()
    reason = TextField()
    cmd = TextField()
    request = TextField()
    size = IntegerField()
    generation = IntegerField()

    class Meta:
        table_name = "kept_requests"


class Snooze(_Table):
    """An item that the operator has put off, and the state it was in. Owner: triage."""

    key = TextField(primary_key=True)
    mark = TextField()
    at = IntegerField()
    until_at = IntegerField(null=True)

    class Meta:
        table_name = "snoozes"


class AnsweredNeed(_Table):
    """An item that the operator has decided: since when it was needed, and when it was decided. Owner: triage."""

    id = AutoField()
    key = TextField()
    kind = TextField()
    agent = TextField()
    verb = TextField()
    needed_at = IntegerField()
    decided_at = IntegerField()

    class Meta:
        table_name = "answered_needs"


class Event(_Table):
    """A live event as its harness sent it. Owner: telemetry."""

    id = AutoField()
    agent = TextField()
    at = IntegerField()
    kind = TextField()
    known = IntegerField()
    payload = TextField()
    facets = IntegerField(null=True)

    class Meta:
        table_name = "events"


class Turn(_Table):
    """The figures of one turn: the whole frame, and the columns that are asked for. Owner: telemetry."""

    id = AutoField()
    agent = TextField()
    ended_at = IntegerField()
    duration_ms = IntegerField()
    outcome = TextField()
    cost_usd = FloatField(null=True)
    stats = TextField()
    number = IntegerField(null=True)
    first_event = IntegerField(default=0)
    last_event = IntegerField(default=0)

    class Meta:
        table_name = "turns"


class Stat(_Table):
    """One point of one series. Owner: telemetry."""

    agent = TextField()
    ts = IntegerField()
    key = TextField()
    value = FloatField()

    class Meta:
        table_name = "stats"
        primary_key = CompositeKey("agent", "key", "ts")
        without_rowid = True


class History(_Table):
    """Where the history of the present owner of a name begins. Owner: telemetry."""

    agent = TextField(primary_key=True)
    first_event = IntegerField()
    first_turn = IntegerField()

    class Meta:
        table_name = "histories"


HIVE_TABLES: tuple[type[Model], ...] = (
    Message, AgentTurn, TurnMessage, Addressee, Generation, Agent, Peer, Session, SiteName,
)  # fmt: skip
TELEMETRY_TABLES: tuple[type[Model], ...] = (Event, Turn, Stat, History)


def sql(query: Any) -> tuple[str, list[Any]]:
    """A peewee query as text and parameters, for a connection of the store."""
    text, parameters = query.sql()
    return str(text), list(parameters)

"""The columns of the broker's tables: what each may hold. Rows that hold something else are quarantined."""

from actors.broker.messages import Role
from actors.store.stored_table import COUNT, FLAG, ID, NAME, TEXT, TEXTS, TIME, StoredTable, one_of, optional

MESSAGES = StoredTable(
    "messages",
    ("id",),
    {
        "id": ID, "sender": TEXT, "recipient": TEXT, "size": COUNT, "body": TEXT, "kind": TEXT, "sent_at": TIME,
        "in_reply_to": optional(ID), "broadcast": FLAG, "leased_at": optional(TIME), "redelivered": FLAG,
        "acked_at": optional(TIME), "undelivered": FLAG, "thread": optional(ID), "cause": optional(TEXT),
    },
)  # fmt: skip
"""A kind or cause that this version does not know leaves a plain message: the words are what counts."""

ADDRESSEES = StoredTable(
    "addressees",
    ("name",),
    {"name": NAME, "role": one_of(Role), "allowed_recipients": optional(TEXTS), "registered_at": TIME},
)

GENERATIONS = StoredTable(
    "generations",
    ("name", "number"),
    {"name": NAME, "number": ID, "first_message_id": ID, "began_at": TIME, "ended_at": optional(TIME)},
)

FAILED = StoredTable(
    "failed_messages",
    ("id",),
    {
        "id": ID, "attempts": COUNT, "outages": COUNT, "reason": TEXT, "failing_since": TIME, "failed_at": TIME,
        "set_aside_at": optional(TIME),
    },
)  # fmt: skip

TURNS = StoredTable(
    "agent_turns",
    ("agent", "number"),
    {"agent": NAME, "number": ID, "began_at": TIME, "settled_at": optional(TIME)},
)

TURN_MESSAGES = StoredTable(
    "turn_messages", ("agent", "number", "message_id"), {"agent": NAME, "number": ID, "message_id": ID}
)

"""Requests of a hostile client: a good one of each verb, of which a part is replaced by what does harm elsewhere."""

import copy
import json

OVERFLOW = "@overflow@"
"""Stands for a number that JSON can spell and no float can hold."""

AGENTS = ("alice", "bob", "manager", "hm1nd", "operator", "self", "*", "paula")
MOMENT = "2030-01-31T09:00:00.000Z"

NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**30,
    10**400,
    -0.0,
    0.5,
    1e18,
    3e11,
    1e300,
    -1e300,
    5e-324,
    float("nan"),
    float("inf"),
    float("-inf"),
    OVERFLOW,
)
TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:59.999999Z",
    "10000-01-01T00:00:00Z",
    "2030-02-30T00:00:00Z",
    "2030-01-01",
    "2030-W01-1",
    "now",
    "",
)
TEXTS = (
    "",
    " ",
    "\ud800",
    "\udfff\ud800",
    "a\udc00b",
    "\x00",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\x7f",
    "\r\n",
    "\u202eevil",
    "\u200b",
    "\ufeff",
    "é" * 300,
    "\U0010ffff",
    "../../etc/passwd",
    "-rf",
    "'; DROP TABLE messages; --",
    "{{7*7}}",
    "%s%n",
    "$(id)",
    "a" * 300,
    "manager",
    "operator",
    "hm1nd",
    "*",
    "null",
)
SHAPES = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"a": None},
    {"": ""},
    {"\ud800": "\ud800"},
    {"\x00": 1},
    ["\ud800"],
    [float("nan")],
)


def long_text(chance):
    return chance.choice(["x", "\n", '"', "\\", "ü", "\U0001f600", "\x01", "\ud800"]) * chance.choice(
        [201, 5_000, 70_000, 200_000]
    )


def deep(chance):
    value = chance.choice([0, "x", None])
    for _ in range(chance.choice([10, 63, 64, 65, 200, 900])):
        value = [value] if chance.random() < 0.5 else {"k": value}
    return value


def wide(chance):
    size = chance.choice([1_001, 20_000, 110_000])
    return [0] * size if chance.random() < 0.5 else {str(number): 0 for number in range(size)}


def hostile(chance):
    """One value, by kind; what is costly to read is rare."""
    draw = chance.random()
    if draw < 0.005:
        return wide(chance)
    if draw < 0.02:
        return long_text(chance)
    if draw < 0.06:
        return deep(chance)
    return copy.deepcopy(chance.choice(chance.choice([NUMBERS, TIMES, TEXTS, SHAPES])))


EVENTS = (
    {"kind": "turn_start", "from": "operator", "body": "go", "unread": 0, "message_ids": [1]},
    {"kind": "stream", "message": {"type": "assistant", "message": {"content": [{"type": "text", "text": "hi"}]}}},
    {"kind": "note", "text": "a note", "class": "harness"},
    {"kind": "turn_end", "ok": True, "outcome": "ok", "note": None},
    {"kind": "state", "state": "thinking", "since": MOMENT, "until": None},
    {"kind": "state", "state": "rate_limited", "since": MOMENT, "until": MOMENT},
    {"kind": "model", "model": "opus"},
    {"kind": "usage", "context_tokens": 5, "context_window": 200_000, "cost_usd": 0.5},
    {"kind": "login", "state": "waiting_for_code", "begun_at": MOMENT, "since": MOMENT, "url": "https://example.org/"},
    {"kind": "credentials", "source": "login", "expires_at": MOMENT},
    {"kind": "terminal", "data": {"login": {"state": "started", "url": "https://example.org/"}}},
    {"kind": "sparkle", "colour": ["red"]},
)
STATS = {
    "started_at": MOMENT, "ended_at": MOMENT, "duration_ms": 1500, "model": "opus", "wake_from": "operator", "outcome": "ok",
    "cold": False, "tokens": {"input": 1}, "context_tokens": 9, "cost_usd": 0.1, "tools": {"Bash": 1}, "sent": {"peer": 1},
    "received": {"operator": 1}, "inbox_depth": 0, "notes_bytes": 3,
}  # fmt: skip


def good(cmd, chance):
    """The arguments of a request of that verb as its client would send it."""
    commit = "0123456789abcdef"
    one = {
        "send": {"to": chance.choice(AGENTS), "body": "hello", "in_reply_to": None},
        "recv": {"wait_seconds": chance.choice([None, 0, 0.01]), "max": 32},
        "requeue_inflight": {"keep": [1, 2]},
        "recent": {"limit": 30},
        "wake": {"from": "webhook", "body": "ping"},
        "ask": {"question": "which?", "options": ["a", "b"], "multi": False, "free_text": True, "ttl_seconds": 60, "to": chance.choice(AGENTS)},
        "answer": {"id": chance.randrange(40), "answer": "a"},
        "remind": {"message": "later"} | chance.choice([{"delay_seconds": 3600}, {"at": MOMENT}]),
        "cancel": {"kind": chance.choice(["question", "reminder"]), "id": chance.randrange(400)},
        "set_status": {"text": "at work"},
        "publish": {"events": copy.deepcopy(chance.sample(EVENTS, 3))},
        "begin_turn": {"message_ids": [chance.randrange(400), chance.randrange(2**62)]},
        "turn_ended": {"stats": copy.deepcopy(STATS)},
        **{cmd: {"name": "nobody"} for cmd in ("start", "kill", "restart", "update")},
        "withdraw": {"id": chance.randrange(40)},
        "fail_turn": {"reason": "it did not answer", "outage": chance.random() < 0.5},
        "control": {"wait_seconds": chance.choice([0, 0.01])},
        "request_spawn": {"name": "manager", "description": "why"},
        "request_spawn_draft": {"name": "alice"},
        "request_spawn_commit": {"name": "nobody", "commit_ref": commit, "description": "why"},
        "request_apply_commit": {"agent": "alice", "commit_ref": commit, "description": "why"},
        "get_logs": {"agent": "alice", "lines": 10},
    }  # fmt: skip
    return one.get(cmd, {})


def request(cmd, chance):
    """The frame of one request: a good one, or one with up to three parts replaced, dropped or added."""
    frame = {"cmd": cmd, **good(cmd, chance)}
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        spoil(frame, chance)
    return frame


def spoil(frame, chance):
    where = frame
    while True:
        if not where:
            return
        keys = list(where) if isinstance(where, dict) else range(len(where))
        key = chance.choice([one for one in keys if where is not frame or one != "cmd"] or ["x"])
        inner = where[key] if isinstance(where, list) or key in where else None
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.4:
            break
        where = inner
    draw = chance.random()
    if draw < 0.8:
        where[key] = hostile(chance)
    elif isinstance(where, dict) and draw < 0.9:
        where.pop(key, None)
    elif isinstance(where, dict):
        where[chance.choice(["x", "\ud800", "cmd ", "from", "version", ""])] = hostile(chance)


def line(frame):
    """The bytes on the wire, as a client without scruples spells them."""
    return json.dumps(frame).replace(f'"{OVERFLOW}"', "1e999").encode() + b"\n"

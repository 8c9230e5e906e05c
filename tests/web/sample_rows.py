"""Sample rows: agents and a peer in different states, a conversation, a turn with every kind of row."""

import itertools
import random
import time

from harness.wire import times
from harness.wire.operator_rows import AgentRow, TreeNode, TurnRow
from tests.web.answers import decisions as fake_decisions

MINUTE = 60_000


def agents(now):
    ago = lambda ms: times.from_ms(now - ms)  # noqa: E731
    return [
        AgentRow(
            name="manager", container="hm1nd", role="manager", running=True, state="thinking", since=ago(12_000), active_model="claude-opus-4-1-20250805",
            status_text="reviewing bob's request", status_set_at=ago(90_000), pending=0, leased=1, context_tokens=68_000, context_window=200_000,
            turns_today=12, average_turn_ms=18_400, cost_today_usd=1.1, runtime="bwrap", deployed_sha="1f0c9ab2e4d7", last_turn={"ended_at": ago(70_000), "outcome": "ok"},
        ),
        AgentRow(
            name="alice", container="alice", running=True, state="idle", since=ago(4 * MINUTE), active_model="haiku", pending=2, leased=0,
            status_text="drafted the status page; waiting for review", context_tokens=24_100, context_window=200_000, turns_today=31,
            average_turn_ms=6_200, cost_today_usd=0.42, runtime="bwrap", deployed_sha="77ab01c3d9e2", needs_update=True, last_turn={"ended_at": ago(4 * MINUTE), "outcome": "ok"},
        ),
        AgentRow(
            name="bob", container="bob", running=True, state="idle", since=ago(7_000), transient="rebuilding", active_model="sonnet", pending=5, leased=0,
            context_tokens=171_000, context_window=200_000, turns_today=8, average_turn_ms=41_000, cost_today_usd=2.31, runtime="bwrap", last_turn={"ended_at": ago(11 * MINUTE), "outcome": "ok"},
        ),
        AgentRow(
            name="carol", container="carol", running=False, failed=True, state="offline", since=ago(6 * MINUTE), active_model="haiku", pending=1, leased=1,
            note="it ended with status 137 four times in a minute and was parked", turns_today=3, average_turn_ms=9_000, cost_today_usd=0.05, runtime="bwrap",
        ),
        AgentRow(name="dave", container="dave", running=True, state="rate_limited", since=ago(22 * MINUTE), rate_limited_until=times.from_ms(now + 38 * MINUTE), active_model="opus",
                 pending=0, leased=0, context_tokens=9_000, context_window=200_000, turns_today=1, average_turn_ms=2_000, cost_today_usd=0.31, runtime="bwrap"),
        AgentRow(name="damocles", role="peer", running=True, state="running", pending=0, leased=0),
    ]  # fmt: skip


def tree():
    def actor(name, **more):
        return TreeNode(
            name=name,
            kind="actor",
            state=more.pop("state", "running"),
            restart="permanent",
            uptime_seconds=270_000,
            mailbox=0,
            handled=1234,
            **more,
        )

    def agent(name, **more):
        parts = [actor("container", current="Reconcile", **more), actor("socket")]
        return TreeNode(
            name=name,
            kind="supervisor",
            strategy="one_for_all",
            state="running",
            restart="transient",
            uptime_seconds=9_000,
            children=parts,
        )

    agents_ = TreeNode(
        name="agents", kind="supervisor", strategy="leader_first", state="running", restart="permanent", uptime_seconds=270_000,
        children=[agent("hm1nd", busy_seconds=12.4), agent("alice"), agent("bob", restarts=2, last_error="ContainerEnded: exit status 1")],
    )  # fmt: skip
    gateway = TreeNode(
        name="gateway",
        kind="supervisor",
        strategy="one_for_one",
        state="running",
        uptime_seconds=270_000,
        children=[actor("host"), actor("web"), actor("stream")],
    )
    web = TreeNode(
        name="web",
        kind="process",
        state="running",
        restart="permanent",
        pid=4711,
        memory_bytes=58_000_000,
        uptime_seconds=270_000,
    )
    names = ("store", "broker", "telemetry", "roster")
    children = [*(actor(name) for name in names), agents_, gateway, web]
    return TreeNode(
        name="hive",
        kind="supervisor",
        strategy="one_for_one",
        state="running",
        uptime_seconds=270_000,
        children=children,
    )


def assistant(*blocks):
    return {
        "kind": "stream",
        "message": {"type": "assistant", "message": {"role": "assistant", "content": list(blocks)}},
    }


def result(text, *, failed=False):
    block = {"type": "tool_result", "tool_use_id": "t", "content": text, "is_error": failed}
    return {"kind": "stream", "message": {"type": "user", "message": {"role": "user", "content": [block]}}}


def call(name, **arguments):
    return assistant({"type": "tool_use", "id": "t", "name": name, "input": arguments})


def text(words):
    return assistant({"type": "text", "text": words})


TURN = [
    {"kind": "turn_start", "from": "manager", "body": "please draft the HTML of the status page; keep it under 100 lines", "unread": 2, "message_ids": [7]},
    {"kind": "stream", "message": {"type": "system", "subtype": "init", "session_id": "s"}},
    assistant({"type": "thinking", "thinking": "The manager wants a small page.\nI look at what is there first."}),
    text("I'll look at what is already there. The style guide is at https://example.org/style (see section 2)."),
    call("Bash", command="ls -la state/ && git status --short", description="look around"),
    result("total 12\ndrwxr-xr-x 3 alice alice 4096 Nov 20 09:12 .\n-rw-r--r-- 1 alice alice  812 Nov 20 09:10 notes.md\n M status.html\n" + "\n".join(f"line {n}" for n in range(30))),
    call("Read", file_path="/agents/alice/state/status.html", offset=1, limit=40),
    result("<!doctype html>\n<title>status</title>\n<script>alert('not markup')</script>"),
    call("Edit", file_path="/agents/alice/state/status.html", old_string="<title>status</title>\n<p>todo</p>", new_string="<title>hive status</title>\n<p>all systems are up</p>"),
    result("ok"),
    call("Grep", pattern="todo", path="state/"),
    result("grep: state/old: Permission denied", failed=True),
    {"kind": "note", "class": "stderr", "text": "warning: the context is 80 % full"},
    {"kind": "note", "class": "operator", "text": "the operator asked for compaction"},
    {"kind": "stream", "message": {"type": "hologram", "beam": 3}},
    call("mcp__hive__send", to="manager", body="the draft is in /shared/status.html\nit has 74 lines"),
    result("sent, id 12"),
    call("mcp__hive__set_status", text="drafted the status page; waiting for review"),
    text("Done: the draft is in `/shared/status.html`, 74 lines, no script."),
    {"kind": "stream", "message": {"type": "result", "subtype": "success", "is_error": False, "duration_ms": 6200, "total_cost_usd": 0.0123, "usage": {"output_tokens": 812}}},
    {"kind": "turn_end", "ok": True, "outcome": "ok"},
]  # fmt: skip


def populate(fake):
    """Put the sample rows into a fake daemon, without any event."""
    now = fake.now_ms()
    reading, fake.listeners = fake.listeners, []
    fake.messages, fake.live, fake.turns, fake.refuse, fake.ids = [], [], [], {}, itertools.count(1)
    fake.snoozes = {}
    fake.agents = {row.name: row for row in agents(now)}
    fake.tree = tree()
    at = itertools.count(now - 9 * MINUTE, 17_000)
    clock, fake.now_ms = fake.now_ms, lambda: next(at)
    fake.say("operator", "manager", "build a status page for the hive, please")
    fake.given = {"turn:manager/1": [1], "turn:alice/1": [2], "turn:bob/1": [3], "turn:manager/2": [4, 6]}
    mine, next_one = {"cause": "turn:manager/1"}, {"cause": "turn:manager/2"}
    fake.say("manager", "alice", "please draft the HTML of the status page; keep it under 100 lines", **mine)
    fake.say(
        "manager", "bob", "and you: collect the figures it should show.\nRead-only, from /shared/figures.json", **mine
    )
    fake.say(
        "alice",
        "manager",
        "the draft is in /shared/status.html, see also https://example.org/style",
        in_reply_to=2,
        thread=2,
        cause="turn:alice/1",
    )
    fake.say("system", "manager", '{"event": "rebuilt", "version": 1, "agent": "bob", "ok": true}', kind="event")
    fake.say(
        "bob", "manager", "ripgrep is missing in my container; I asked for it", redelivered=True, cause="turn:bob/1"
    )
    fake.say("manager", "*", "the status page goes live at noon", broadcast=True)
    fake.say(
        "manager",
        "operator",
        "The status page is ready for you: /shared/status.html\n\nalice wrote it, bob's figures come tomorrow.",
        **next_one,
    )
    fake.say(
        "manager", "operator", "bob asks for ripgrep. I think it is fine; the diff will be in the queue.", **next_one
    )
    for event in TURN:
        fake.happen("alice", event)
    fake.now_ms = clock
    fake.journals["alice"] = [f"{n:04d} hive-harness: asked for mail, none; parked 180 s" for n in range(60)]
    chance = random.Random(7)
    for name in ("manager", "alice", "bob"):
        for n in range(9):
            began = now - chance.randrange(60 * MINUTE)
            took = chance.randrange(4_000, 200_000)
            stats = {
                "started_at": times.from_ms(began), "ended_at": times.from_ms(began + took), "duration_ms": took, "outcome": "ok" if n % 5 else "failed",
                "cold": n == 0, "wake_from": "manager", "model": "haiku", "cost_usd": took / 2e6, "tokens": {"input": 900, "output": took // 200},
                "context_tokens": 20_000 + n * 900, "tools": {"Bash": n % 3, "Read": 2, "mcp__hive__send": 1},
            }  # fmt: skip
            fake.turns.append(TurnRow(id=len(fake.turns) + 1, agent=name, stats=stats))
    fake_decisions.populate(fake.decisions)
    fake.events, fake.seq, fake.listeners = [], 0, reading


def play(fake, pause=1.2):
    """Play a busy hive for ever; the pauses set its pace and wait for nothing."""
    for n in itertools.count():
        fake.set_agent("alice", state="thinking", since=times.from_ms(fake.now_ms()), pending=1, leased=1)
        for event in TURN:
            fake.happen("alice", event)
            time.sleep(pause / 3)
        fake.set_agent(
            "alice", state="idle", since=times.from_ms(fake.now_ms()), pending=0, leased=0, turns_today=32 + n
        )
        fake.say("alice", "manager", f"round {n} is done")
        time.sleep(pause)

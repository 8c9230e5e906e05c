import pytest

from harness.wire.errors import HiveError
from harness.wire.operator_rows import OperatorEvent
from tests.web.recording import RecordingListener
from web.daemon import topics
from web.daemon.feed import BACKOFF_CAP_SECONDS


def test_every_listener_gets_the_events_in_order_over_one_subscription(app, fake, listener):
    other = RecordingListener(app.feed)
    for _ in range(20):
        fake.emit("notice", {"level": "info", "text": "x"})
    listener.until(lambda: len(listener.seqs) == 20)
    assert listener.seqs == other.seqs == list(range(1, 21))
    assert sum(one["cmd"] == "events" for one in fake.asked) == 1


def test_the_feed_resumes_at_its_position_after_a_pause(app, fake, listener):
    fake.emit("notice", {})
    listener.until(lambda: listener.seqs == [1])
    gaps = listener.gaps
    fake.stop()
    listener.until(lambda: not app.feed.connected)
    fake.emit("notice", {})
    fake.start()
    listener.until(lambda: listener.seqs == [1, 2])
    assert listener.gaps == gaps
    assert app.feed.status.away_since is None


def test_a_restart_of_the_daemon_is_a_gap(app, fake, listener):
    fake.emit("notice", {})
    listener.until(lambda: listener.seqs == [1])
    gaps = listener.gaps
    fake.restart()
    fake.emit("notice", {})
    fake.emit("notice", {})
    listener.until(lambda: app.feed.connected and app.feed.status.epoch == fake.epoch and app.feed.status.seq == 2)
    assert listener.gaps == gaps + 1
    assert app.feed.since(1, "another epoch") is None


def test_listeners_are_told_once_that_the_daemon_is_unreachable_and_since_when(app, fake, listener):
    fake.stop()
    listener.until(lambda: not app.feed.connected)
    since = app.feed.status.away_since
    assert since is not None
    assert app.feed.status.error
    assert BACKOFF_CAP_SECONDS <= 5
    assert [link for link in listener.links if link is not None] == [since]


def test_a_line_that_skips_numbers_is_a_gap(app, fake, listener):
    fake.emit("notice", {})
    listener.until(lambda: listener.seqs == [1])
    gaps = listener.gaps
    fake.seq += 5
    fake.emit("notice", {})
    listener.until(lambda: listener.gaps == gaps + 1)
    assert app.feed.status.seq == 7
    assert app.feed.since(1) is None
    assert app.feed.since(7) == []


def test_live_rows_come_from_the_feed_when_it_reaches_back_far_enough(app, fake, listener):
    first = len(fake.live)
    for n in range(3):
        fake.happen("alice", {"kind": "note", "text": str(n), "class": "harness"})
        fake.happen("bob", {"kind": "note", "text": "other", "class": "harness"})
    listener.until(lambda: len(listener.seqs) == 6)

    def asked():
        return sum(one["cmd"] == "live_history" for one in fake.asked)

    before = asked()
    assert [row["event"]["text"] for row in app.rows.log_after("alice", first + 1).rows] == ["1", "2"]
    assert asked() == before
    assert [row["id"] for row in app.rows.log_after("alice", first - 1).rows] == [
        first,
        first + 1,
        first + 3,
        first + 5,
    ]
    assert asked() == before + 1


def test_one_reply_serves_many_pages_until_an_event_touches_it(app, fake, listener):
    def asked():
        return sum(one["cmd"] == "agent_status" for one in fake.asked)

    app.rows.agents()
    before = asked()
    for _ in range(5):
        assert not app.rows.agents().stale
    assert asked() == before
    fake.happen("alice", {"kind": "note", "text": "x", "class": "harness"})
    listener.until(lambda: len(listener.seqs) == 1)
    app.rows.agents()
    assert asked() == before
    fake.set_agent("alice", state="thinking")
    listener.until(lambda: len(listener.seqs) == 2)
    assert next(row for row in app.rows.agents().value if row.name == "alice").state == "thinking"
    assert asked() == before + 1


def test_an_unreachable_daemon_leaves_the_last_reply_marked_as_stale(app, fake, listener):
    fresh = app.rows.agents()
    fake.stop()
    listener.until(lambda: not app.feed.connected)
    stale = app.rows.agents()
    assert stale.stale
    assert stale.value == fresh.value
    assert stale.as_of_ms == fresh.as_of_ms
    with pytest.raises(HiveError, match="unreachable"):
        app.rows.messages(limit=7)


def test_a_daemon_that_does_not_answer_in_time_leaves_the_last_reply_too(app, fake, listener):
    fresh = app.rows.agents()
    app.rows._cache.invalidate()
    fake.refuse["agent_status"] = HiveError("timeout", "registry did not answer within 5 s")
    stale = app.rows.agents()
    assert (stale.stale, stale.value) == (True, fresh.value)
    fake.refuse["agent_status"] = HiveError("internal", "a bug")
    with pytest.raises(HiveError, match="a bug"):
        app.rows.agents()


def test_a_reply_that_an_event_overtook_is_not_cached(app, fake, listener):
    cache = app.rows._cache

    def fetch():
        fake.set_agent("alice", state="thinking")
        listener.until(lambda: listener.seqs)
        return "old"

    assert cache.read("k", (topics.AGENTS,), fetch).value == "old"
    assert cache.read("k", (topics.AGENTS,), lambda: "new").value == "new"
    assert cache.read("k", (topics.AGENTS,), lambda: "newer").value == "new"


@pytest.mark.parametrize(
    ("kind", "data", "touched"),
    [
        ("agent", {"name": "bob"}, {"agents", "agent:bob"}),
        (
            "message",
            {"from": "bob", "to": "operator"},
            {"flow", "inbox", "mail:operator", "mail:bob"},
        ),
        ("message", {"from": "bob", "to": "*"}, {"flow", "agents", "all-agents", "mail:*", "mail:bob"}),
        ("acked", {"ids": [1], "to": "bob"}, {"agents", "mail:bob", "agent:bob"}),
        ("reminder", {"id": 1, "agent": "bob"}, {"reminders", "agents", "agent:bob"}),
        ("reminder", {"id": 1, "cancelled": True}, {"reminders", "agents", "all-agents"}),
        ("dead_letter", {"id": 1, "to": "bob"}, {"dead-letters", "agents", "agent:bob"}),
        ("suspension", {"name": "bob"}, {"agents", "agent:bob"}),
        ("message", {"from": "bob", "to": "manager"}, {"flow", "agents", "mail:hm1nd", "mail:bob", "agent:hm1nd"}),
        ("live", {"agent": "bob", "id": 1}, {"log:bob"}),
        ("turn", {"agent": "bob"}, {"agents", "agent:bob", "turns:bob", "turns"}),
        ("approval", {"agent": "manager"}, {"approvals", "config:hm1nd", "notices"}),
        ("question", {"id": 1}, {"questions", "notices"}),
        ("actor", {"path": "broker"}, {"tree"}),
        ("something new", {}, {"*"}),
    ],
)
def test_an_event_names_the_topics_to_read_again(kind, data, touched):
    assert topics.changed_by(OperatorEvent(seq=1, at="2026-01-01T00:00:00.000Z", kind=kind, data=data)) == touched


def test_a_listener_that_fails_costs_the_feed_a_moment_and_no_event_of_the_others(app, fake, listener):
    class Stumbling(RecordingListener):
        def event(self, event):
            if event.data.get("text") == "odd":
                raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    Stumbling(app.feed)
    for text in ("fine", "odd", "fine again"):
        fake.emit("notice", {"level": "info", "text": text})
    listener.until(lambda: 3 in listener.seqs)
    listener.until(lambda: app.feed.connected)
    assert [seq for seq in listener.seqs if seq != 2] == [1, 3]


def test_long_events_shorten_the_memory_of_the_feed(app, fake, listener):
    for _ in range(100):
        fake.emit("live", {"agent": "alice", "id": 1, "event": {"text": "x" * 250_000}})
    listener.until(lambda: listener.seqs[-1:] == [100])
    assert 10 < len(app.feed._ring) < 80
    assert app.feed.since(1) is None


def test_no_topic_has_a_space_because_a_page_lists_them_with_spaces():
    named = [value for name, value in vars(topics).items() if name.isupper() and isinstance(value, str)]
    assert len(named) > 10
    assert [one for one in named if " " in one] == []

import pytest
from gevent.event import Event

from harness.wire.errors import HiveError
from harness.wire.operator_rows import OperatorEvent
from tests.waiting import SECONDS
from web import topics
from web.feed import BACKOFF_CAP_SECONDS


class Ear:
    """A listener that can be waited on."""

    def __init__(self, feed):
        self.heard, self.gaps, self.links = [], 0, []
        self.feed = feed
        self.news = Event()
        feed.add(self)

    def event(self, event):
        self.heard.append(event.seq)
        self.news.set()

    def gap(self, _status):
        self.gaps += 1
        self.news.set()

    def link(self, status):
        self.links.append(status.away_since)
        self.news.set()

    def until(self, condition):
        while not condition():
            assert self.news.wait(SECONDS), f"heard only {self.heard}, {self.gaps} gaps, {self.links}"
            self.news.clear()


@pytest.fixture
def ear(parts):
    ear = Ear(parts.feed)
    parts.feed.start()
    ear.until(lambda: parts.feed.connected)
    return ear


def test_events_are_heard_in_order_by_everybody_over_one_subscription(parts, fake, ear):
    other = Ear(parts.feed)
    for _ in range(20):
        fake.emit("notice", {"level": "info", "text": "x"})
    ear.until(lambda: len(ear.heard) == 20)
    assert ear.heard == other.heard == list(range(1, 21))
    assert sum(one["cmd"] == "events" for one in fake.asked) == 1


def test_after_a_pause_the_feed_goes_on_where_it_was(parts, fake, ear):
    fake.emit("notice", {})
    ear.until(lambda: ear.heard == [1])
    gaps = ear.gaps
    fake.stop()
    ear.until(lambda: not parts.feed.connected)
    fake.emit("notice", {})
    fake.start()
    ear.until(lambda: ear.heard == [1, 2])
    assert ear.gaps == gaps
    assert parts.feed.status.away_since is None


def test_a_daemon_that_was_restarted_is_a_gap_not_a_continuation(parts, fake, ear):
    fake.emit("notice", {})
    ear.until(lambda: ear.heard == [1])
    gaps = ear.gaps
    fake.restart()
    fake.emit("notice", {})
    fake.emit("notice", {})
    ear.until(lambda: parts.feed.connected and parts.feed.status.epoch == fake.epoch and parts.feed.status.seq == 2)
    assert ear.gaps == gaps + 1
    assert parts.feed.since(1, "another epoch") is None


def test_being_away_is_told_once_with_the_moment_it_began(parts, fake, ear):
    fake.stop()
    ear.until(lambda: not parts.feed.connected)
    since = parts.feed.status.away_since
    assert since is not None
    assert parts.feed.status.error
    assert BACKOFF_CAP_SECONDS <= 5
    assert [link for link in ear.links if link is not None] == [since]


def test_a_line_that_skips_numbers_is_a_gap(parts, fake, ear):
    fake.emit("notice", {})
    ear.until(lambda: ear.heard == [1])
    gaps = ear.gaps
    fake.seq += 5
    fake.emit("notice", {})
    ear.until(lambda: ear.gaps == gaps + 1)
    assert parts.feed.status.seq == 7
    assert parts.feed.since(1) is None
    assert parts.feed.since(7) == []


def test_live_rows_come_from_memory_when_it_reaches_back_far_enough(parts, fake, ear):
    first = len(fake.live)
    for n in range(3):
        fake.happen("alice", {"kind": "note", "text": str(n), "class": "harness"})
        fake.happen("bob", {"kind": "note", "text": "other", "class": "harness"})
    ear.until(lambda: len(ear.heard) == 6)
    asked = len(fake.asked)
    remembered = parts.reads.live_after("alice", first + 1)
    assert [row["event"]["text"] for row in remembered] == ["1", "2"]
    assert len(fake.asked) == asked
    assert [row["id"] for row in parts.reads.live_after("alice", first - 1)] == [first, first + 1, first + 3, first + 5]
    assert len(fake.asked) > asked


def test_one_answer_serves_many_pages_until_an_event_touches_it(parts, fake, ear):
    def asked():
        return sum(one["cmd"] == "agent_status" for one in fake.asked)

    parts.reads.agents()
    before = asked()
    for _ in range(5):
        assert not parts.reads.agents().stale
    assert asked() == before
    fake.happen("alice", {"kind": "note", "text": "x", "class": "harness"})
    ear.until(lambda: len(ear.heard) == 1)
    parts.reads.agents()
    assert asked() == before
    fake.set_agent("alice", state="thinking")
    ear.until(lambda: len(ear.heard) == 2)
    assert next(row for row in parts.reads.agents().value if row.name == "alice").state == "thinking"
    assert asked() == before + 1


def test_while_the_daemon_is_away_the_last_answer_is_given_marked_stale(parts, fake, ear):
    fresh = parts.reads.agents()
    fake.stop()
    ear.until(lambda: not parts.feed.connected)
    stale = parts.reads.agents()
    assert stale.stale
    assert stale.value == fresh.value
    assert stale.as_of_ms == fresh.as_of_ms
    with pytest.raises(HiveError, match="away"):
        parts.reads.messages(limit=7)


def test_an_answer_that_was_overtaken_by_an_event_is_not_kept(parts, fake, ear):
    known = parts.reads._memo

    def fetch():
        known.event(OperatorEvent(seq=99, at="2026-01-01T00:00:00.000Z", kind="agent", data={"name": "alice"}))
        return "old"

    assert known.read("k", (topics.AGENTS,), fetch).value == "old"
    assert known.read("k", (topics.AGENTS,), lambda: "new").value == "new"
    assert known.read("k", (topics.AGENTS,), lambda: "newer").value == "new"


@pytest.mark.parametrize(
    ("kind", "data", "touched"),
    [
        ("agent", {"name": "bob"}, {"agents", "agent:bob"}),
        (
            "message",
            {"from": "bob", "to": "operator"},
            {"flow", "agents", "inbox", "mail:operator", "mail:bob", "agent:operator"},
        ),
        ("message", {"from": "bob", "to": "manager"}, {"flow", "agents", "mail:hm1nd", "mail:bob", "agent:hm1nd"}),
        ("live", {"agent": "bob", "id": 1}, {"log:bob"}),
        ("turn", {"agent": "bob"}, {"agents", "agent:bob", "turns:bob", "turns"}),
        ("approval", {"agent": "manager"}, {"approvals", "config:hm1nd", "notices"}),
        ("question", {"id": 1}, {"questions", "notices"}),
        ("actor", {"path": "broker"}, {"tree"}),
        ("something new", {}, {"*"}),
    ],
)
def test_an_event_names_what_has_to_be_read_again(kind, data, touched):
    assert topics.changed_by(OperatorEvent(seq=1, at="2026-01-01T00:00:00.000Z", kind=kind, data=data)) == touched

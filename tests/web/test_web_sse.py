import json

import pytest

from tests.web.test_web_feed import Ear
from web import sse


@pytest.fixture
def ear(parts):
    ear = Ear(parts.feed)
    parts.feed.start()
    ear.until(lambda: parts.feed.connected)
    return ear


def frames(stream, count):
    """The next `count` events of a stream as (kind, data, id)."""
    found = []
    while len(found) < count:
        for block in next(stream).decode().split("\n\n"):
            fields = dict(
                line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":")
            )
            if "event" in fields:
                found.append(
                    (fields["event"], json.loads(fields["data"]), int(fields["id"]) if "id" in fields else None)
                )
    return found


def emit(fake, ear, count=1, kind="notice"):
    wanted = len(ear.heard) + count
    for _ in range(count):
        fake.emit(kind, {"name": "alice"} if kind == "agent" else {})
    ear.until(lambda: len(ear.heard) == wanted)


def test_a_new_client_hears_where_the_stream_stands_then_every_event_with_its_number(parts, fake, ear):
    emit(fake, ear, 3)
    stream = parts.live.stream(sse.Wish())
    hello, link = frames(stream, 2)
    assert hello == ("hello", {"epoch": fake.epoch, "seq": 3}, 3)
    assert link[1]["away_since"] is None
    emit(fake, ear, 2)
    assert [(kind, seq) for kind, _, seq in frames(stream, 2)] == [("notice", 4), ("notice", 5)]
    stream.close()
    assert len(parts.live) == 0


def test_a_client_that_comes_back_hears_what_it_missed_once_and_in_order(parts, fake, ear):
    emit(fake, ear, 5)
    stream = parts.live.stream(sse.Wish(since=2, epoch=fake.epoch))
    found = frames(stream, 5)
    assert [seq for _, _, seq in found] == [None, None, 3, 4, 5]
    emit(fake, ear)
    assert frames(stream, 1)[0][2] == 6
    stream.close()


@pytest.mark.parametrize("wish", [{"since": 2, "epoch": "an earlier life"}, {"since": 999}])
def test_a_client_whose_place_is_not_known_any_more_starts_from_a_snapshot(parts, fake, ear, wish):
    emit(fake, ear, 4)
    stream = parts.live.stream(sse.Wish(**wish))
    assert frames(stream, 3)[2] == ("snapshot", {"seq": 4}, 4)
    emit(fake, ear)
    assert frames(stream, 1)[0][2] == 5
    stream.close()


def test_a_program_that_does_not_read_is_brought_up_by_one_snapshot_not_by_memory(parts, fake, ear):
    stream = parts.live.stream(sse.Wish())
    frames(stream, 2)
    emit(fake, ear, sse.QUEUE_EVENTS + 50)
    assert frames(stream, 1) == [("snapshot", {"seq": sse.QUEUE_EVENTS + 50}, sse.QUEUE_EVENTS + 50)]
    emit(fake, ear)
    assert frames(stream, 1)[0][2] == sse.QUEUE_EVENTS + 51
    stream.close()


def test_a_page_hears_topics_merged_while_it_does_not_read(parts, fake, ear):
    stream = parts.live.stream(sse.Wish(notices=True))
    frames(stream, 2)
    emit(fake, ear, 300, kind="agent")
    assert frames(stream, 1) == [("notice", {"topics": ["agent:alice", "agents"]}, 300)]
    stream.close()


def test_a_page_hears_live_events_only_of_the_agent_it_shows(parts, fake, ear):
    stream = parts.live.stream(sse.Wish(notices=True, agent="alice"))
    frames(stream, 2)
    fake.happen("bob", {"kind": "note", "text": "x"})
    fake.happen("alice", {"kind": "note", "text": "x"})
    ear.until(lambda: len(ear.heard) == 2)
    assert frames(stream, 1)[0][1] == {"topics": ["log:alice"]}
    stream.close()


def test_an_absent_daemon_is_told_and_its_return_too(parts, fake, ear):
    stream = parts.live.stream(sse.Wish(notices=True))
    frames(stream, 2)
    fake.stop()
    kind, data, _ = frames(stream, 1)[0]
    assert (kind, bool(data["away_since"])) == ("link", True)
    fake.start()
    assert frames(stream, 1)[0][1]["away_since"] is None
    stream.close()


def test_a_silent_stream_says_that_it_is_there(parts, ear):
    stream = parts.live.stream(sse.Wish(), heartbeat=0.01)
    frames(stream, 2)
    assert next(stream).startswith(b":")
    stream.close()


def test_the_stream_over_http_resumes_by_last_event_id(site, parts, fake, ear):
    emit(fake, ear, 3)
    answer = site.get("/events", headers={"Last-Event-ID": "1"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    stream = iter(answer.body)
    assert [seq for _, _, seq in frames(stream, 4)] == [None, None, 2, 3]
    answer.body.close()
    assert len(parts.live) == 0


def test_text_with_newlines_can_not_break_out_of_a_frame():
    raw = sse.frame("message", {"body": "x\n\nevent: snapshot\ndata: {}\r\u2028"}, 1)
    assert raw.count(b"\n\n") == 1
    assert raw.count(b"\n") == 4


def test_closing_ends_every_stream(parts, ear):
    stream = parts.live.stream(sse.Wish())
    frames(stream, 2)
    parts.live.close()
    assert len(list(stream)) <= 1

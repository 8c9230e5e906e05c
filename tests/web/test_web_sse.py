import json

import pytest

from web.live import sse


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


def emit(fake, listener, count=1, kind="notice"):
    wanted = len(listener.seqs) + count
    for _ in range(count):
        fake.emit(kind, {"name": "alice"} if kind == "agent" else {})
    listener.until(lambda: len(listener.seqs) == wanted)


def test_a_new_client_gets_the_position_of_the_stream_then_every_event_with_its_number(app, fake, listener):
    emit(fake, listener, 3)
    stream = app.streams.stream(sse.StreamRequest())
    hello, link = frames(stream, 2)
    assert hello == ("hello", {"epoch": fake.epoch, "seq": 3}, 3)
    assert link[1]["away_since"] is None
    emit(fake, listener, 2)
    assert [(kind, seq) for kind, _, seq in frames(stream, 2)] == [("notice", 4), ("notice", 5)]
    stream.close()
    assert len(app.streams) == 0


def test_a_returning_client_gets_the_missed_events_once_and_in_order(app, fake, listener):
    emit(fake, listener, 5)
    stream = app.streams.stream(sse.StreamRequest(since=2, epoch=fake.epoch))
    found = frames(stream, 5)
    assert [seq for _, _, seq in found] == [None, None, 3, 4, 5]
    emit(fake, listener)
    assert frames(stream, 1)[0][2] == 6
    stream.close()


@pytest.mark.parametrize("wish", [{"since": 2, "epoch": "an earlier life"}, {"since": 999}])
def test_a_client_with_an_unknown_position_starts_from_a_snapshot(app, fake, listener, wish):
    emit(fake, listener, 4)
    stream = app.streams.stream(sse.StreamRequest(**wish))
    assert frames(stream, 3)[2] == ("snapshot", {"seq": 4}, 4)
    emit(fake, listener)
    assert frames(stream, 1)[0][2] == 5
    stream.close()


def test_a_program_that_does_not_read_gets_one_snapshot_instead_of_a_growing_queue(app, fake, listener):
    stream = app.streams.stream(sse.StreamRequest())
    frames(stream, 2)
    emit(fake, listener, sse.QUEUE_EVENTS + 50)
    assert frames(stream, 1) == [("snapshot", {"seq": sse.QUEUE_EVENTS + 50}, sse.QUEUE_EVENTS + 50)]
    emit(fake, listener)
    assert frames(stream, 1)[0][2] == sse.QUEUE_EVENTS + 51
    stream.close()


def test_the_topics_for_a_page_are_merged_while_it_does_not_read(app, fake, listener):
    stream = app.streams.stream(sse.StreamRequest(topics_only=True))
    frames(stream, 2)
    emit(fake, listener, 300, kind="agent")
    assert frames(stream, 1) == [("notice", {"topics": ["agent:alice", "agents"]}, 300)]
    stream.close()


def test_a_page_gets_live_events_only_of_the_agent_it_shows(app, fake, listener):
    stream = app.streams.stream(sse.StreamRequest(topics_only=True, agents=frozenset({"alice", "carol"})))
    frames(stream, 2)
    fake.happen("bob", {"kind": "note", "text": "x"})
    fake.happen("alice", {"kind": "note", "text": "x"})
    listener.until(lambda: len(listener.seqs) == 2)
    assert frames(stream, 1)[0][1] == {"topics": ["log:alice"]}
    stream.close()


def test_a_stream_reports_an_unreachable_daemon_and_its_return(app, fake, listener):
    stream = app.streams.stream(sse.StreamRequest(topics_only=True))
    frames(stream, 2)
    fake.stop()
    kind, data, _ = frames(stream, 1)[0]
    assert (kind, bool(data["away_since"])) == ("link", True)
    fake.start()
    assert frames(stream, 1)[0][1]["away_since"] is None
    stream.close()


def test_a_silent_stream_sends_heartbeats(app, listener):
    stream = app.streams.stream(sse.StreamRequest(), heartbeat=0.01)
    frames(stream, 2)
    assert next(stream).startswith(b":")
    stream.close()


def test_the_stream_over_http_resumes_by_last_event_id(site, app, fake, listener):
    emit(fake, listener, 3)
    answer = site.get("/events", headers={"Last-Event-ID": "1"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    stream = iter(answer.body)
    assert [seq for _, _, seq in frames(stream, 4)] == [None, None, 2, 3]
    answer.body.close()
    assert len(app.streams) == 0


def test_text_with_newlines_cannot_break_out_of_a_frame():
    raw = sse.frame("message", {"body": "x\n\nevent: snapshot\ndata: {}\r\u2028"}, 1)
    assert raw.count(b"\n\n") == 1
    assert raw.count(b"\n") == 4


def test_closing_ends_every_stream(app, listener):
    stream = app.streams.stream(sse.StreamRequest())
    frames(stream, 2)
    app.streams.close()
    assert len(list(stream)) <= 1

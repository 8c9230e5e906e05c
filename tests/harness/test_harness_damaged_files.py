"""Damaged files of the harness: put aside by the shim under a name with the time, and said; the harness goes on."""

import json
import threading

import pytest

from actors.agent.runtime.line.server import KEPT_ASIDE, LineServer
from harness.claude.session_file import SessionFile
from harness.daemon.line import Line
from harness.daemon.outbox import Outbox

NOTE = {"event": {"kind": "note", "text": "whole"}}
DAMAGES = [
    b"\x00\xff\xfe",
    b'{"session_id": ',
    b"[]",
    b"7",
    b'{"session_id": 7}',
    b"[" * 100_000,
    b'{"event": 7}',
]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "harness"
    folder.mkdir()
    return folder


@pytest.fixture
def line(folder, tmp_path):
    server = LineServer(str(tmp_path / "d.sock"), str(folder))
    server._end.setblocking(True)

    def serve():
        while not server.closed:
            server.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    line = Line(server._inner)
    yield line
    line.close()
    thread.join()


def aside(folder, name):
    return sorted(one.name for one in folder.iterdir() if one.name.startswith(f"{name}.damaged-"))


def notes(outbox):
    return [json.loads(one)["event"]["text"] for one in outbox._waiting if "event" in json.loads(one)]


@pytest.mark.parametrize("content", [one for one in DAMAGES if b"event" not in one])
def test_a_damaged_session_file_is_put_aside_and_said_and_a_new_session_begins(folder, line, content):
    (folder / "session.json").write_bytes(content)
    file = SessionFile(line.file("session.json"))
    assert file.saved.session_id is None
    assert "session.json was damaged" in file.trouble
    assert "put aside" in file.trouble
    (name,) = aside(folder, "session.json")
    assert (folder / name).read_bytes() == content
    file.save(session_id="s")
    again = SessionFile(line.file("session.json"))
    assert (again.saved.session_id, again.trouble) == ("s", None)


@pytest.mark.parametrize("content", DAMAGES)
def test_a_damaged_outbox_is_put_aside_and_said_and_its_good_lines_are_delivered(folder, line, content):
    (folder / "outbox.jsonl").write_bytes(json.dumps(NOTE).encode() + b"\n" + content)
    outbox = Outbox(line.file("outbox.jsonl"))
    first, said = notes(outbox)
    assert first == "whole"
    assert "outbox.jsonl was damaged in 1 of its lines" in said
    assert len(aside(folder, "outbox.jsonl")) == 1
    assert notes(Outbox(line.file("outbox.jsonl"))) == [first, said], "they are on disk again"


@pytest.mark.parametrize("name", ["session.json", "outbox.jsonl"])
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_is_no_file_is_put_aside_too(folder, line, name, kind):
    if kind == "folder":
        (folder / name).mkdir()
    else:
        (folder / name).symlink_to("/etc/passwd")
    session, outbox = SessionFile(line.file("session.json")), Outbox(line.file("outbox.jsonl"))
    assert len(aside(folder, name)) == 1
    assert [session.trouble, *notes(outbox)].count(None) == (name == "outbox.jsonl")
    session.save(session_id="s")
    outbox.save()


def test_no_crash_loop_fills_the_disk_with_them(folder, line, monkeypatch):
    seconds = iter(range(100))
    monkeypatch.setattr("actors.agent.runtime.line.server.time.strftime", lambda *_: f"2030010{next(seconds)}")
    for _ in range(KEPT_ASIDE + 3):
        (folder / "session.json").write_bytes(b"{")
        SessionFile(line.file("session.json"))
    assert aside(folder, "session.json") == [f"session.json.damaged-2030010{one}" for one in (3, 4, 5)]

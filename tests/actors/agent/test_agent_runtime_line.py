"""The line to the shim: what a harness gets over it, and what an agent in the harness's place does not."""

import os
import socket
import tempfile
import threading

import pytest

from actors.agent.runtime.line.server import MAX_BYTES, LineServer
from harness.daemon.line import Line, LineClosed
from tests.memory import MEMORY

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "harness"
    folder.mkdir()
    return folder


@pytest.fixture
def daemon(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "d.sock"))
        listening.listen()
        yield listening


class Shim:
    """Serves one request for each that is sent."""

    def __init__(self, path, folder):
        self.server = LineServer(str(path), str(folder))
        self.end = self.server._inner
        self.end.settimeout(10)

    def asked(self, words, *handles):
        """The reply to a raw request, and whether a descriptor came with it."""
        socket.send_fds(self.end, [words], handles)
        self.server.serve()
        reply, got, _, _ = socket.recv_fds(self.end, 1024, 4)
        for handle in got:
            os.close(handle)
        return reply, bool(got)

    def close(self):
        self.end.close()
        self.server.close()


@pytest.fixture
def shim(tmp_path, folder):
    shim = Shim(tmp_path / "d.sock", folder)
    yield shim
    shim.close()


@pytest.fixture
def line(shim):
    """The harness's end, with the shim's served by a thread."""

    def serve():
        shim.server._end.setblocking(True)
        while not shim.server.closed:
            shim.server.serve()

    line = Line(shim.end.dup())
    shim.end.close()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield line
    line.close()
    thread.join(10)


def memory(size=10):
    handle = os.memfd_create("x")
    os.truncate(handle, size)
    return handle


def open_here():
    return len(os.listdir("/proc/self/fd"))


def test_a_connection_is_made_anew_for_each_request(daemon, line):
    for words in (b"one", b"two"):
        with line.connect() as connection:
            connection.sendall(words)
            there, _ = daemon.accept()
            with there:
                assert there.recv(10) == words


def test_a_daemon_that_is_away_is_a_reason_and_not_the_end_of_the_line(tmp_path, line):
    with pytest.raises(OSError, match="No such file"):
        line.connect()
    assert line.load("session.json") is None


def test_a_file_is_kept_outside_as_a_whole(folder, line):
    file = line.file("session.json")
    for content in (b"{}", b"", b"x" * 3_000_000):
        file.save(content)
        assert file.load() == content
    assert os.listdir(folder) == ["session.json"]
    assert (folder / "session.json").stat().st_mode & 0o777 == 0o600


def test_the_end_of_the_shim_is_told_as_such(shim):
    line = Line(shim.end.dup())
    shim.close()
    with pytest.raises(LineClosed):
        line.load("session.json")
    line.close()


@pytest.mark.parametrize(
    "words",
    [
        b"load ../agent.toml", b"load /etc/passwd", b"load .", b"load owners", b"load", b"load session.json x", b"connect /run/x",
        b"connect\0", b"\xff\xfe", b"x" * 256, b"save session.json", b"load\nsession.json",
    ],
)  # fmt: skip
def test_there_is_no_other_request(shim, words):
    before = open_here()
    reply, got = shim.asked(words)
    assert (reply != b"ok", got) == (True, False)
    assert open_here() == before


def test_what_is_no_memory_file_is_not_read(shim, folder, tmp_path):
    """A pipe would hold the shim up for ever, a file of the host could be copied to where the agent reads it."""
    reading, writing = os.pipe()
    (tmp_path / "secret").write_text("x")
    secret = os.open(tmp_path / "secret", os.O_RDONLY)
    with tempfile.TemporaryFile(dir=MEMORY) as file:  # of a file system in memory
        in_memory = os.dup(file.fileno())
    for handle in (reading, writing, secret, in_memory, os.open("/", os.O_RDONLY), os.open("/dev/zero", os.O_RDONLY)):
        assert shim.asked(b"save session.json", handle) == (b"what is to be saved is no memory file", False)
        os.close(handle)
    assert os.listdir(folder) == []


def test_a_file_has_a_size_that_it_does_not_exceed(shim, folder):
    handle = memory(MAX_BYTES + 1)
    reply, _ = shim.asked(b"save outbox.jsonl", handle)
    assert b"larger" in reply
    os.truncate(handle, 2**40)  # a hole
    reply, _ = shim.asked(b"save outbox.jsonl", handle)
    assert b"larger" in reply
    os.close(handle)
    assert os.listdir(folder) == []


def test_descriptors_nobody_asked_for_are_closed(shim):
    handles = [memory() for _ in range(50)]
    before = open_here()
    for words in (b"connect", b"load session.json", b"save session.json"):
        shim.asked(words, *handles)
    assert open_here() == before
    for handle in handles:
        os.close(handle)


def test_a_harness_that_reads_no_replies_does_not_hold_the_shim_up(shim):
    shim.end.setblocking(False)
    before = open_here()
    for _ in range(3000):
        try:
            shim.end.send(b"load session.json")
        except BlockingIOError:
            break
        shim.server.serve()
    assert open_here() == before


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_an_agent_of_an_older_hive_left_in_the_folder_is_neither_followed_nor_read(shim, folder, tmp_path, kind):
    (tmp_path / "secret").write_text("x")
    place = folder / "session.json"
    match kind:
        case "link":
            place.symlink_to(tmp_path / "secret")
            (folder / ".session.json.part").symlink_to(tmp_path / "secret")
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
    before = open_here()
    reply, got = shim.asked(b"load session.json")
    assert (reply != b"ok", got, open_here()) == (True, False, before)
    handle = memory()
    shim.asked(b"save session.json", handle)
    os.close(handle)
    assert (tmp_path / "secret").read_text() == "x"
    assert kind == "folder" or place.read_bytes() == bytes(10)


def test_a_line_whose_other_end_is_closed_is_served_no_more(shim):
    shim.end.close()
    shim.server.serve()
    assert shim.server.closed

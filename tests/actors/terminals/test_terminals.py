"""A terminal: a real shell on a real pseudo-terminal in a real container of every kind, shared, recorded, ended."""

import json
import re
import shutil

import gevent
import psutil
import pytest

from actors.agent.context import AgentContext
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace
from actors.events import STREAM
from actors.supervision import Directory, FakeClock, Supervisor, SupervisorFlags
from actors.terminals import api as terminals
from actors.terminals.actor import UNWATCHED_SECONDS
from actors.terminals.messages import OPEN, Size
from actors.terminals.registry import MAX_OPEN
from actors.terminals.supervisor import terminals_spec
from actors.terminals.viewer import Ended, Output
from harness.wire.agent_config import Limits
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.agent import nspawn_parts
from tests.actors.agent.stand_ins import SERVE, launch, lines_until
from tests.actors.components import EventRecorder
from tests.needs import REQUIRED
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.slow
RUNTIMES = [ProcessRuntime, BwrapRuntime, NspawnRuntime]


class Hive:
    """The terminals of a hive with one agent, whose container runs a stand-in for the harness."""

    def __init__(self, folder, runtime, *, enabled=True, limits=None):
        self.workspace = Workspace(folder / "state", folder / "run")
        self.runtime = runtime
        self.clock, self.directory, self.recorder = FakeClock(), Directory(root="hive"), EventRecorder()
        self.directory.boot(self.recorder, STREAM)
        context = AgentContext(workspace=self.workspace, runtime=runtime, harness_argv=())
        spec = terminals_spec(context, enabled=enabled, days=30, directory=self.directory, clock=self.clock)
        self.directory.boot(Supervisor(SupervisorFlags(), [spec], directory=self.directory, clock=self.clock))
        self.order = launch(self.workspace, SERVE, limits=limits or Limits())
        runtime.create(self.order)
        self.container = runtime.start(self.order)
        lines_until(runtime, self.order.paths, "up")

    def open(self, columns=80, rows=24):
        return terminals.open_terminal(self.directory, "alice", Size(columns, rows), "the operator as test")

    def attach(self, row, offset=0):
        return Screen(self, row.id, offset)

    def casts(self):
        return sorted((self.workspace.state_dir / "terminals").glob("*/*.cast"))

    def close(self):
        self.directory.stop("hive", SECONDS)
        self.directory.stop(STREAM, SECONDS)
        for container in self.runtime.running(self.workspace):
            self.runtime.kill(container)
        if isinstance(self.runtime, NspawnRuntime):
            nspawn_parts.clean_up(self.runtime, self.workspace)
        else:
            self.runtime.destroy(self.order.paths)


class Screen:
    """One viewer, whose output a greenlet collects."""

    def __init__(self, hive, id_, offset=0):
        self.hive, self.id = hive, id_
        self.text, self.offset, self.end = "", None, None
        self.viewer = terminals.attach(hive.directory, id_, offset)
        self.reader = gevent.spawn(self._read)

    def _read(self):
        for frame in self.viewer:
            if isinstance(frame, Output):
                self.offset = frame.offset + len(frame.data)
                self.text += frame.data.decode(errors="replace")
            else:
                assert isinstance(frame, Ended)
                self.end = frame

    def type(self, text):
        terminals.type_in(self.hive.directory, self.id, text.encode())

    def until(self, pattern):
        return until(lambda: re.search(pattern, self.text), f"{pattern!r} in {self.text[-2000:]!r}")

    def until_end(self):
        assert until(lambda: self.end, "the end of the terminal")
        return self.end

    def detach(self):
        terminals.detach(self.hive.directory, self.id, self.viewer)
        self.reader.join(SECONDS)


def made(folder, kind, **more):
    if kind is BwrapRuntime and shutil.which("bwrap") is None:
        (pytest.fail if REQUIRED else pytest.skip)("bwrap not installed")
    if kind is NspawnRuntime:
        if reason := nspawn_parts.lacking():
            (pytest.fail if REQUIRED else pytest.skip)(reason)
        nspawn_parts.with_image(Workspace(folder / "state", folder / "run"))
    return Hive(folder, kind(), **more)


@pytest.fixture(params=RUNTIMES, ids=lambda kind: kind.name)
def hive(request, tmp_path):
    hive = made(tmp_path, request.param)
    yield hive
    hive.close()


@pytest.fixture
def plain(tmp_path):
    hive = made(tmp_path, ProcessRuntime)
    yield hive
    hive.close()


def test_a_shell_runs_where_the_agent_is_as_the_agent_and_with_job_control(hive):
    screen = hive.attach(hive.open(100, 30))
    screen.type("echo in=$(stty size) at=$(pwd) as=$(id -u) on=$TERM key=[$ANTHROPIC_API_KEY]\n")
    inside = str(hive.order.paths.state) if hive.runtime.name == "process" else "/agents/alice/state"
    screen.until(rf"in=30 100 at={inside} as=\d+ on=xterm-256color key=\[\]")
    assert "no job control" not in screen.text
    screen.type("sh -c 'echo first=; exec sleep 1000'\n")
    screen.until(r"first=\r\n")
    screen.type("\x1a")
    screen.until(r"Stopped")
    screen.type("kill %1; wait; echo gone=$?\n")
    screen.until(r"gone=\d")
    screen.type("sh -c 'echo second=; exec sleep 1000'\n")
    screen.until(r"second=\r\n")
    screen.type("\x03")
    screen.type("exit 7\n")
    assert screen.until_end() == Ended(7, "the shell has ended")


def test_a_shell_has_no_more_rights_than_its_agent(hive):
    """What an agent leaves for the operator to run must gain nothing by that."""
    screen = hive.attach(hive.open())
    screen.type("grep -E 'NoNewPrivs|CapEff|CapBnd|Seccomp:' /proc/self/status; echo done=$((1))\n")
    screen.until("done=1")
    said = dict(re.findall(r"(\w+):\s+(\w+)", screen.text))
    if hive.runtime.name == "process":
        return  # the agent is the daemon's user, with all of its rights: nothing is kept from it
    assert (said["NoNewPrivs"], int(said["CapEff"], 16)) == ("1", 0)
    if hive.runtime.name == "bwrap":
        assert said["Seccomp"] == "2"
        screen.type("touch /tmp/lent && chmod 4755 /tmp/lent; echo mode=$(stat -c %a /tmp/lent)\n")
        screen.until("mode=644")


def test_a_shell_counts_in_the_limits_of_its_agent(tmp_path):
    hive = made(tmp_path, BwrapRuntime, limits=Limits(pids=40, memory="256M"))
    try:
        groups = hive.runtime.joins(hive.order.paths)
        if not groups:
            (pytest.fail if REQUIRED else pytest.skip)("no control group can be made here")
        row = hive.open()
        pid = hive.directory.actor(f"{OPEN}/{row.id}").pid
        until(lambda: all(str(pid) in group.read_text().split() for group in groups), "it in every group")
    finally:
        hive.close()


def test_a_terminal_ends_with_its_container(hive):
    screen = hive.attach(hive.open())
    screen.type("echo here=\n")
    screen.until("here=\r\n")
    hive.runtime.kill(hive.container)
    until(lambda: screen.end or hive.clock.advance(0.1), "the end")
    assert screen.until_end().reason in {"the shell has ended", "its container has ended"}
    assert [row.open for row in terminals.terminals(hive.directory)] == [False]
    with pytest.raises(HiveError, match="does not run"):
        hive.open()


def test_viewers_come_and_go_and_see_the_same_screen(plain):
    row = plain.open()
    first = plain.attach(row)
    first.type("echo one=1\n")
    first.until("one=1\r\n")
    first.detach()
    seen = first.offset
    second = plain.attach(row, offset=seen)
    third = plain.attach(row)
    assert [one.viewers for one in terminals.terminals(plain.directory)] == [2]
    second.type("echo two=2\n")
    second.until("two=2\r\n")
    third.until("one=1\r\n(.|\n)*two=2\r\n")
    assert "one=1" not in second.text


def test_what_is_on_the_screen_is_in_the_recording_and_what_is_typed_unseen_is_not(plain):
    row = plain.open(80, 24)
    screen = plain.attach(row)
    screen.type("stty -echo; echo ready=; read secret; stty echo; echo héllo=\n")
    screen.until("ready=\r\n")
    screen.type("hunter2\n")
    screen.until("héllo=\r\n")
    terminals.resize(plain.directory, row.id, Size(120, 40))
    screen.type("exit\n")
    screen.until_end()
    text, following = terminals.recording(plain.directory, row.id, 0)
    head, *events = map(json.loads, text.rstrip("\n").split("\n"))
    assert following is None
    assert (head["version"], head["width"], head["height"]) == (2, 80, 24)
    assert "the operator as test" in head["title"]
    assert [row.opened_by for row in terminals.terminals(plain.directory)] == ["the operator as test"]
    played = "".join(data for _, kind, data in events if kind == "o")
    assert played == screen.text
    assert "hunter2" not in text
    assert [data for _, kind, data in events if kind == "r"] == ["120x40"]


def test_a_program_that_prints_without_end_starves_nobody_and_ends_when_its_recording_is_full(plain, monkeypatch):
    monkeypatch.setattr("actors.terminals.recording.MAX_BYTES", 300_000)
    row = plain.open()
    screen = plain.attach(row)
    screen.type("yes\n")
    until(lambda: len(screen.text) > 70_000 or plain.clock.advance(0.1), "much output")
    until(lambda: screen.end or plain.clock.advance(0.1), "the end")
    assert screen.end.reason == "its recording is full"
    assert 300_000 <= plain.casts()[0].stat().st_size < 500_000


def test_a_program_that_reads_nothing_makes_typing_fail_and_its_output_goes_on(plain):
    screen = plain.attach(plain.open())
    screen.type("stty raw; echo ready=; sleep 1000\n")
    screen.until("ready=\r?\n")
    with pytest.raises(HiveError, match="takes no input"):
        for _ in range(100):
            screen.type("x" * 8192)
    terminals.close(plain.directory, screen.id)


def test_a_closed_terminal_leaves_no_process(hive):
    screen = hive.attach(hive.open())
    screen.type("trap '' HUP; echo trapped=\n")
    screen.until("trapped=\r\n")
    running = [one for one in psutil.Process().children(recursive=True) if one.pid != hive.container.pid]
    closing = gevent.spawn(terminals.close, hive.directory, screen.id)
    until(lambda: closing.ready() or hive.clock.advance(0.1), "the end of a shell that ignores SIGHUP")
    closing.get()
    assert screen.until_end().reason == "closed by the operator"
    assert not [one for one in running if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert hive.runtime.find(hive.order.paths) == hive.container


def test_a_terminal_that_nobody_watches_ends_in_its_time(plain):
    screen = plain.attach(plain.open())
    plain.clock.advance(UNWATCHED_SECONDS + 1)
    assert terminals.describe(plain.directory, screen.id).open
    screen.detach()
    terminals.describe(plain.directory, screen.id)
    plain.clock.advance(UNWATCHED_SECONDS + 1)
    until(lambda: not [row for row in terminals.terminals(plain.directory) if row.open], "the end")


def test_terminals_are_counted_and_can_be_switched_off(plain, tmp_path):
    for _ in range(MAX_OPEN):
        plain.open()
    with pytest.raises(HiveError, match=f"{MAX_OPEN} terminals are open"):
        plain.open()
    off = made(tmp_path / "off", ProcessRuntime, enabled=False)
    try:
        with pytest.raises(HiveError) as refused:
            off.open()
        assert refused.value.code is ErrorCode.FORBIDDEN
    finally:
        off.close()


def test_old_recordings_go_and_rubbish_among_them_harms_nothing(plain):
    row = plain.open()
    screen = plain.attach(row)
    screen.type("exit\n")
    screen.until_end()
    folder = plain.casts()[0].parent
    (folder / "rubbish.cast").write_bytes(b"\xff\x00{")
    (folder / "empty.cast").touch()
    assert [one.id for one in terminals.terminals(plain.directory)] == [row.id]
    plain.clock.advance(31 * 24 * 3600)
    until(lambda: not terminals.terminals(plain.directory), "the end of the recording")


def test_a_terminal_nobody_opened_is_not_found(plain):
    for ask in (terminals.describe, lambda *args: terminals.type_in(*args, b"x"), terminals.close):
        with pytest.raises(HiveError) as refused:
            ask(plain.directory, "20260101-000000-abcdef")
        assert refused.value.code is ErrorCode.NOT_FOUND


def test_a_crash_of_a_terminal_ends_its_shell_and_no_other_one(plain):
    kept, screen = plain.attach(plain.open()), plain.attach(plain.open())
    plain.directory.actor(f"{OPEN}/{screen.id}").kill("by a test")
    assert screen.until_end()
    kept.type("echo still=\n")
    kept.until("still=\r\n")

"""What a turn puts into the background is seen and, by choice, ended with the turn; with the real CLI and its Bash."""

import uuid

import psutil
import pytest

from harness.turns.leftovers import CONTAINER_ID, of_container, processes
from tests.harness.rig import Rig, rules
from tests.waiting import survivors

pytestmark = pytest.mark.slow


def left(rig):
    return [event for event in rig.daemon.events if event["kind"] == "left_running"]


class Leaving(Rig):
    """An agent whose turn leaves two processes: one shell job, one that has a session of its own and ignores SIGTERM."""

    def __init__(self, folder, **limits):
        self.mark = f"{uuid.uuid4().int % 10**6 + 10**7}"
        stubborn = f"setsid sh -c 'trap \"\" TERM; exec sleep {self.mark}' >/dev/null 2>&1 </dev/null &"
        command = f"nohup sleep {self.mark} >/dev/null 2>&1 & {stubborn} echo left"
        work = {"call": "Bash", "input": {"command": command, "description": "serve"}}
        script = rules({"when": "leave something", "steps": [work, {"say": "Done."}]})
        super().__init__(folder, script, config={"limits": limits}, env={CONTAINER_ID: f"test-{self.mark}"})

    def processes(self):
        return [one for one in psutil.process_iter() if any(self.mark in word for word in _words(one))]

    def __exit__(self, *error):
        left_over = self.processes()
        for one in left_over:
            one.kill()
        survivors(left_over)
        super().__exit__(*error)


def _words(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_what_a_turn_leaves_running_is_counted_with_command_and_age_and_forgotten_when_it_ends(tmp_path):
    with Leaving(tmp_path) as rig:
        rig.start()
        rig.daemon.deliver("nothing special")
        assert rig.daemon.wait_turns(1)["outcome"] == "ok"
        rig.daemon.deliver("leave something")
        rig.daemon.wait(lambda _: left(rig))
        assert len(left(rig)) == 1, "a turn that leaves nothing says nothing"
        (seen,) = left(rig)
        assert seen["count"] == len(rig.processes()) == 2
        assert f"sleep {rig.mark}" in [one["command"] for one in seen["processes"]]
        assert all(one["started_at"].endswith("Z") for one in seen["processes"])
        for one in rig.processes():
            one.kill()
        rig.daemon.wait(lambda _: left(rig)[-1]["count"] == 0)


def test_with_end_leftovers_they_end_with_the_turn_and_claude_stays_warm(tmp_path):
    with Leaving(tmp_path, end_leftovers=True) as rig:
        rig.start()
        rig.daemon.deliver("leave something")
        rig.daemon.wait(lambda daemon: any("ended what the turn had left running" in note for note in daemon.notes()))
        assert rig.processes() == []
        assert left(rig) == []
        rig.daemon.deliver("something else")
        after = rig.daemon.wait_turns(2)
        assert (after["outcome"], after["cold"]) == ("ok", False)


def test_zombies_and_what_cannot_be_read_are_no_processes(tmp_path):
    for pid, stat in (
        ("7", "7 (a (b) c) S 1 7 5" + " 0" * 15 + " 250 0"),
        ("8", "8 (gone) Z 1 8 8" + " 0" * 15 + " 9 0"),
        ("9", ""),
    ):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "stat").write_text(stat)
        (tmp_path / pid / "cmdline").write_bytes(b"make\0serve\0")
        (tmp_path / pid / "environ").write_bytes(b"A=1\0HIVE_CONTAINER_ID=x\0")
    (tmp_path / "self").mkdir()
    (found,) = processes(tmp_path)
    assert (found.pid, found.session, found.command) == (7, 5, "make serve")
    assert of_container(7, "x", tmp_path)
    assert not of_container(7, "y", tmp_path)
    assert not of_container(1, "x", tmp_path)

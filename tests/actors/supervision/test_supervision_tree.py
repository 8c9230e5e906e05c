"""The tree as data, whatever its actors are doing."""

import json
import os

import pytest
from gevent.event import Event

from actors.supervision import (
    Actor,
    ChildSpec,
    ChildType,
    Exit,
    NotRunning,
    Restart,
    Shutdown,
    Supervisor,
    restart_child,
    settle,
    terminate_child,
    tree,
)
from harness.wire.operator_rows import TreeNode
from tests.actors.supervision.parts import Worker, boot, spec


class Embodied(Actor):
    """Stands for an OS process: this one."""

    kind = "process"

    def on_start(self):
        self.pid = os.getpid()

    def state_word(self):
        return "embodied"


@pytest.fixture
def root(directory):
    def build():
        return Supervisor(children=[ChildSpec("body", Embodied)], directory=directory)

    inner = ChildSpec("s", build, type=ChildType.SUPERVISOR, shutdown=Shutdown.INFINITY)
    return boot(directory, [spec([], "a", restart=Restart.TRANSIENT), inner])


def test_every_actor_is_a_node_the_operator_can_be_shown(directory, root):
    node = TreeNode.model_validate(tree(directory))
    assert (node.name, node.kind, node.strategy) == ("hive", "supervisor", "one_for_one")
    worker, inner = node.children
    assert (worker.name, worker.kind, worker.state, worker.restart) == ("a", "actor", "running", "transient")
    assert (inner.kind, inner.children[0].name, inner.children[0].state) == ("supervisor", "body", "embodied")
    json.dumps(tree(directory))


def test_a_process_shows_its_pid_and_memory(directory, root):
    body = tree(directory, "s")["children"][0]
    assert (body["kind"], body["pid"]) == ("process", os.getpid())
    assert body["memory_bytes"] > 1_000_000


def test_the_memory_of_a_process_that_is_gone_is_not_known(directory, root):
    directory.actor("s/body").pid = 2**22 + 1
    assert tree(directory, "s")["children"][0]["memory_bytes"] is None


def test_restarts_and_the_last_error_are_remembered(directory, root):
    directory.tell("a", ValueError("boom"))
    settle()
    worker = tree(directory)["children"][0]
    assert (worker["restarts"], worker["last_error"], worker["state"]) == (1, "error (ValueError: boom)", "running")


def test_a_child_that_is_down_is_shown_down(directory, root):
    terminate_child(directory, "hive", "a")
    terminate_child(directory, "hive", "s")
    worker, inner = tree(directory)["children"]
    assert (worker["state"], worker["uptime_seconds"], worker["mailbox"]) == ("down", None, None)
    assert (inner["state"], inner["kind"], inner["children"]) == ("down", "supervisor", [])


def test_a_child_whose_work_is_over_is_done_until_it_is_started_again(directory):
    job = ChildSpec("job", Worker, restart=Restart.TRANSIENT)
    boot(directory, [job])
    directory.tell("job", Exit.normal())
    settle()
    assert [child["state"] for child in tree(directory)["children"]] == ["done"]
    restart_child(directory, "hive", "job")
    directory.tell("job", Exit.shutdown("enough"))
    settle()
    assert [child["state"] for child in tree(directory)["children"]] == ["down"]


def test_a_stuck_actor_does_not_hide_the_tree(directory, root):
    gate = Event()
    directory.tell("a", ("block", gate))
    directory.tell("a", "waits")
    settle()
    worker = tree(directory)["children"][0]
    assert (worker["current"], worker["mailbox"]) == ("tuple", 1)
    assert worker["busy_seconds"] >= 0
    assert worker["oldest_seconds"] >= 0
    gate.set()


def test_a_tree_that_is_away_is_not_running(directory):
    with pytest.raises(NotRunning):
        tree(directory)

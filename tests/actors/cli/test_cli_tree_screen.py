"""The full-screen tree: what keys do, and what is drawn."""

import click
import pytest

from actors.cli.tree import table
from actors.cli.tree.screen import Action, View, draw, press
from tests.actors.cli import rows

ROOT = rows.tree().model_dump(mode="json")
PATHS = ["hive", "broker", "agents", "agents/alice", "agents/alice/web", "gateway"]


def keys(view, *pressed):
    action = Action.NOTHING
    for key in pressed:
        view, action = press(view, key, PATHS)
    return view, action


def screen(view, stack=(), height=24):
    return [click.unstyle(line) for line in draw(view, ROOT, stack, height, "12:00:00")]


def test_each_row_has_the_path_by_which_its_actor_is_addressed():
    assert table.paths(ROOT) == PATHS
    assert table.find(ROOT, "agents/alice/web")["pid"] == 4711
    assert table.find(ROOT, "eve") is None


@pytest.mark.parametrize(
    ("pressed", "path"),
    [
        ([b"j"], "broker"), ([b"j", b"j", b"k"], "broker"), ([b"k"], "hive"), ([b"G"], "gateway"),
        ([b"G", b"j"], "gateway"), ([b"\x1b[B", b"\x1b[B", b"\x1b[A"], "broker"), ([b"G", b"g"], "hive"), ([b"x"], "hive"),
    ],
)  # fmt: skip
def test_keys_move_the_selection_within_the_tree(pressed, path):
    assert keys(View("hive"), *pressed) == (View(path), Action.NOTHING)


def test_a_restart_needs_a_yes():
    asking, action = keys(View("broker"), b"r")
    assert action is Action.NOTHING
    assert "End broker now" in screen(asking)[-1]
    assert keys(asking, b"n") == (View("broker"), Action.NOTHING)
    assert keys(asking, b"y") == (View("broker"), Action.RESTART)


def test_escape_leaves_the_details_first_and_then_the_screen():
    details, _ = keys(View("broker"), b"\r")
    assert details.details
    assert keys(details, b"\x1b") == (View("broker"), Action.NOTHING)
    assert keys(View("broker"), b"\x1b")[1] is Action.QUIT
    assert keys(details, b"q")[1] is Action.QUIT


def test_details_show_the_reasons_the_current_message_and_the_stack():
    node = {
        "name": "broker", "kind": "actor", "state": "running", "uptime_seconds": 3.0, "mailbox": 4, "oldest_seconds": 2.5,
        "current": "Send", "busy_seconds": 12.0, "restarts": 1, "pid": None,
        "reasons": [{"at": "2026-01-02T03:04:05.000Z", "reason": "error (ValueError: no)"}],
    }  # fmt: skip
    root = ROOT | {"children": [node]}
    text = "\n".join(click.unstyle(line) for line in draw(View("broker", details=True), root, ["File x"], 24, "now"))
    for word in ("Send for 12s", "4 waiting, the oldest for 2.5 s", "ValueError: no", "File x"):
        assert word in text


def test_an_actor_that_ended_while_it_is_shown_is_reported():
    assert "does not run" in screen(View("agents/bob", details=True))[0]
    assert keys(View("agents/bob"), b"j") == (View("broker"), Action.NOTHING)


def test_a_small_screen_keeps_the_selection_in_sight():
    lines = screen(View("gateway"), height=6)
    assert len(lines) == 6
    assert any("gateway" in line for line in lines)
    assert not any("broker" in line for line in lines)

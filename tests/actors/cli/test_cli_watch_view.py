"""The full-screen tree: what keys do, and what is drawn."""

import click
import pytest

from actors.cli import tree
from actors.cli.watch_view import Act, View, draw, press
from tests.actors.cli import rows

ROOT = rows.tree().model_dump(mode="json")
PATHS = ["hive", "broker", "agents", "agents/alice", "agents/alice/web", "gateway"]


def keys(view, *pressed):
    act = Act.NOTHING
    for key in pressed:
        view, act = press(view, key, PATHS)
    return view, act


def screen(view, stack=(), height=24):
    return [click.unstyle(line) for line in draw(view, ROOT, stack, height, "12:00:00")]


def test_each_row_has_the_path_by_which_its_room_is_addressed():
    assert tree.paths(ROOT) == PATHS
    assert tree.find(ROOT, "agents/alice/web")["pid"] == 4711
    assert tree.find(ROOT, "nobody") is None


@pytest.mark.parametrize(
    ("pressed", "path"),
    [
        ([b"j"], "broker"), ([b"j", b"j", b"k"], "broker"), ([b"k"], "hive"), ([b"G"], "gateway"),
        ([b"G", b"j"], "gateway"), ([b"\x1b[B", b"\x1b[B", b"\x1b[A"], "broker"), ([b"G", b"g"], "hive"), ([b"x"], "hive"),
    ],
)  # fmt: skip
def test_keys_move_the_selection_within_the_tree(pressed, path):
    assert keys(View("hive"), *pressed) == (View(path), Act.NOTHING)


def test_a_restart_needs_a_yes():
    asking, act = keys(View("broker"), b"r")
    assert act is Act.NOTHING
    assert "End broker now" in screen(asking)[-1]
    assert keys(asking, b"n") == (View("broker"), Act.NOTHING)
    assert keys(asking, b"y") == (View("broker"), Act.RESTART)


def test_escape_leaves_the_details_first_and_then_the_screen():
    details, _ = keys(View("broker"), b"\r")
    assert details.details
    assert keys(details, b"\x1b") == (View("broker"), Act.NOTHING)
    assert keys(View("broker"), b"\x1b")[1] is Act.QUIT
    assert keys(details, b"q")[1] is Act.QUIT


def test_details_show_reasons_what_it_does_and_the_stack():
    node = {
        "name": "broker", "kind": "actor", "state": "running", "uptime_seconds": 3.0, "mailbox": 4, "oldest_seconds": 2.5,
        "current": "Send", "busy_seconds": 12.0, "restarts": 1, "pid": None,
        "reasons": [{"at": "2026-01-02T03:04:05.000Z", "reason": "error (ValueError: no)"}],
    }  # fmt: skip
    root = ROOT | {"children": [node]}
    text = "\n".join(click.unstyle(line) for line in draw(View("broker", details=True), root, ["File x"], 24, "now"))
    for word in ("Send for 12s", "4 waiting, the oldest for 2.5 s", "ValueError: no", "File x"):
        assert word in text


def test_a_room_that_went_away_while_it_was_looked_at_says_so():
    assert "does not run" in screen(View("agents/bob", details=True))[0]
    assert keys(View("agents/bob"), b"j") == (View("broker"), Act.NOTHING)


def test_a_small_screen_keeps_the_selection_in_sight():
    lines = screen(View("gateway"), height=6)
    assert len(lines) == 6
    assert any("gateway" in line for line in lines)
    assert not any("broker" in line for line in lines)

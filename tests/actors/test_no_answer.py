"""A component that does not answer has refused nothing: no code takes "unknown" for "no".

A refusal is a `HiveError`; `NoAnswer` (a timeout, an actor that ended) says that nothing is known. A handler of the first
alone lets the second pass, which ends the message that was being handled: whatever was to be done next is lost.
"""

import ast

import pykka
import pytest

from actors.supervision import Actor, AskTimeout, Directory, NoAnswer, Promise
from tests.test_architecture import ROOT

ASKS_NO_ACTOR = {
    "actors/agent/registry/api.py:_ask": "passes the refusal on, and lets everything else pass",
    "actors/agent/registry/reconciler.py:_act": "bring_up makes every SupervisionError a HiveError",
    "actors/agent/registry/tombstones.py:find_tombstones": "the shape of a name",
    "actors/agent/repos/__init__.py:*": "git",
    "actors/agent/repos/git.py:*": "git",
    "actors/agent/repos/incoming.py:*": "git",
    "actors/agent/repos/meta.py:*": "git",
    "actors/agent/runtime/bwrap.py:*": "a program",
    "actors/agent/runtime/detached.py:*": "a program",
    "actors/approvals/actor.py:_file": "git; a row that is not tagged is tagged at the next comparison",
    "actors/approvals/review/api.py:_parsed": "a text",
    "actors/approvals/submission.py:*": "git and texts",
    "actors/connection.py:*": "a frame",
    "actors/gateway/secrets.py:_users": "a file",
    "actors/gateway/watching.py:events": "a frame",
    "actors/listener.py:_accepted": "a frame",
    "actors/listener.py:_answer": "a frame",
    "actors/listener.py:_converse": "a frame",
    "actors/scheduler/actor.py:_send": "a folder; no answer passes to _deliver, which tries again",
    "actors/secrets/references.py:*": "a file",
    "actors/secrets/store.py:*": "a file",
}
"""Where a HiveError alone is handled, and what is asked there; `*` is every function of the module."""


def names_of(handler):
    if handler.type is None:
        return set()
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(one) for one in kinds}


def found():
    """`module:function` of each `try` that handles HiveError, and whether it handles no answer too."""
    for path in sorted((ROOT / "actors").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith("actors/cli/"):
            continue  # a client of the sockets, where no answer is a HiveError with the code `timeout`
        tree = ast.parse(path.read_text())
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Try):
                    handled = set().union(*(names_of(one) for one in node.handlers))
                    if "HiveError" in handled:
                        yield f"{where}:{function.name}", bool(handled & {"SupervisionError", "NoAnswer", "AskTimeout"})


def test_what_handles_a_refusal_handles_no_answer_or_asks_no_actor():
    alone = {where for where, both in found() if not both}
    excused = {where for where in alone if where in ASKS_NO_ACTOR or f"{where.partition(':')[0]}:*" in ASKS_NO_ACTOR}
    assert alone - excused == set()


def test_every_excuse_is_used():
    alone = {where for where, both in found() if not both}
    modules = {f"{where.partition(':')[0]}:*" for where in alone}
    assert set(ASKS_NO_ACTOR) - alone - modules == set()


class Mute(Actor):
    def handle(self, message):
        return self.promise()


def test_a_late_answer_is_no_answer_however_it_was_waited_for():
    directory = Directory()
    directory.boot(Mute(), "mute")
    try:
        with pytest.raises(NoAnswer):
            directory.ask("mute", "?", timeout=0.001)
        with pytest.raises(AskTimeout) as late:
            Promise().get(timeout=0.001)
        assert isinstance(late.value, pykka.Timeout)
    finally:
        directory.stop("mute")
    with pytest.raises(NoAnswer):
        directory.ask("mute", "?")

"""Plays a supervisor program on our supervisor and says everything that happened, in the corpus' own form."""

import logging
from typing import Any

from actors.supervision import (
    ChildRefused,
    ChildState,
    Clock,
    Directory,
    FakeClock,
    InvalidSpec,
    StartFailed,
    Supervisor,
    delete_child,
    restart_child,
    settle,
    start_child,
    terminate_child,
)
from tests.actors.supervision.otp_program import ROOT, Journal, ScriptedWorker, build_spec, build_supervisor

Step = dict[str, Any]


class Play:
    """One program on one tree."""

    def __init__(self, program: dict[str, Any]) -> None:
        self._program = program
        self._directory = Directory(root=ROOT)
        self._journal = Journal()
        self._clock: Clock = FakeClock()

    def run(self) -> list[Step]:
        """All steps; the tree is gone afterwards, whatever happened."""
        steps = [self._step("start", self._start())]
        for op in self._program["ops"]:
            if self._directory.actor(ROOT) is None:
                break
            steps.append(self._step(op["op"], self._do(op)))
        steps.append(self._step("stop", self._stop()))
        return steps

    def _step(self, op: str, result: str) -> Step:
        settle()
        return {"op": op, "result": result, "log": self._journal.take(), "tree": self._tree()}

    def _start(self) -> str:
        root = build_supervisor(self._program, self._directory, self._journal, self._clock)
        try:
            self._directory.boot(root)
        except StartFailed:
            return "error"
        return "ok"

    def _stop(self) -> str:
        if self._directory.actor(ROOT) is not None:
            self._directory.stop(ROOT)
        return "ok"

    def _do(self, op: dict[str, Any]) -> str:
        if op["op"] == "die":
            return self._die(op["path"], op["reason"])
        supervisor = _name(op["sup"])
        actor = self._directory.actor(supervisor)
        if actor is None:
            return "noproc"
        if not isinstance(actor, Supervisor):
            return "not_a_supervisor"
        try:
            match op["op"]:
                case "start_child":
                    spec = build_spec(op["child"], self._directory, self._journal, self._clock)
                    start_child(self._directory, supervisor, spec)
                case "terminate_child":
                    terminate_child(self._directory, supervisor, op["id"])
                case "restart_child":
                    restart_child(self._directory, supervisor, op["id"])
                case "delete_child":
                    delete_child(self._directory, supervisor, op["id"])
        except ChildRefused as refused:
            return refused.reason.value
        except (InvalidSpec, StartFailed):
            return "error"
        return "ok"

    def _die(self, path: list[str], reason: str) -> str:
        name = _name(path)
        if not isinstance(self._directory.actor(name), ScriptedWorker):
            return "noproc"
        self._directory.tell(name, reason)
        return "ok"

    def _tree(self) -> list[dict[str, Any]] | None:
        root = self._directory.actor(ROOT)
        return _rows(root) if isinstance(root, Supervisor) else None


def _name(path: list[str]) -> str:
    return "/".join(path[1:]) or ROOT


def _rows(supervisor: Supervisor) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for child in supervisor.children:
        row: dict[str, Any] = {"id": child.spec.id, "up": _up(child.state)}
        if child.state is ChildState.UP:
            if isinstance(child.actor, Supervisor):
                row["children"] = _rows(child.actor)
            elif isinstance(child.actor, ScriptedWorker):
                row["incarnation"] = child.actor.incarnation
        rows.append(row)
    return rows


def _up(state: ChildState) -> bool | str:
    return "restarting" if state is ChildState.RESTARTING else state is ChildState.UP


def play(program: dict[str, Any]) -> list[Step]:
    """Every step of the program on our supervisor. Crashes are the point here, so their log is off."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        return Play(program).run()
    finally:
        logging.disable(before)

"""A small reference model of OTP's supervisor: plain data, no concurrency, nothing of ours imported.

It plays a program of the corpus' form and gives the steps one has to see. Between two ops nothing else is under
way, so a message a supervisor sends itself is the next thing it does: the model just goes on.
"""

from typing import Any

RESTARTING = "restarting"


class Worker:
    def __init__(self, incarnation: int) -> None:
        self.incarnation = incarnation


class Entry:
    """A child of a supervisor; `life` is None, "restarting", a Worker or a Node."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.life: Any = None

    @property
    def up(self) -> bool:
        return self.life is not None and self.life != RESTARTING


class Node:
    """One life of a supervisor."""

    def __init__(self, spec: dict[str, Any], path: tuple[str, ...], above: tuple["Node", Entry] | None) -> None:
        self.flags = spec["flags"]
        self.path = path
        self.above = above
        self.entries = [Entry(child) for child in spec["children"]]
        self.restarts = 0
        self.alive = False

    def find(self, child_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.spec["id"] == child_id), None)


class Model:
    """One program."""

    def __init__(self, program: dict[str, Any]) -> None:
        self.program = program
        self.tries: dict[tuple[str, ...], int] = {}
        self.log: list[dict[str, Any]] = []
        self.root: Node | None = None

    def run(self) -> list[dict[str, Any]]:
        self.root = self.start_node(self.program, (), None)
        steps = [self.step("start", "ok" if self.root else "error")]
        for op in self.program["ops"]:
            if self.root is None or not self.root.alive:
                break
            steps.append(self.step(op["op"], self.do(op)))
        if self.root is not None and self.root.alive:
            self.end_node(self.root)
        steps.append(self.step("stop", "ok"))
        return steps

    def step(self, op: str, result: str) -> dict[str, Any]:
        log, self.log = self.log, []
        tree = rows(self.root) if self.root is not None and self.root.alive else None
        return {"op": op, "result": result, "log": log, "tree": tree}

    def note(self, event: str, path: tuple[str, ...], incarnation: int, why: str | None = None) -> None:
        self.log.append({"event": event, "path": list(path), "incarnation": incarnation, "why": why})

    # Ops.

    def do(self, op: dict[str, Any]) -> str:
        target = self.at(op["path"] if op["op"] == "die" else op["sup"])
        if op["op"] == "die":
            return self.die(op, target)
        if target is None:
            return "noproc"
        if isinstance(target, Worker):
            return "not_a_supervisor"
        if op["op"] == "start_child":
            return self.start_child(target, op["child"])
        entry = target.find(op["id"])
        if entry is None:
            return "not_found"
        if op["op"] == "terminate_child":
            self.end(target, entry)
            self.leave_down(target, entry)
            return "ok"
        if entry.life is not None:
            return RESTARTING if entry.life == RESTARTING else "running"
        if op["op"] == "delete_child":
            target.entries.remove(entry)
            return "ok"
        return "ok" if self.start(target, entry) else "error"

    def die(self, op: dict[str, Any], target: Any) -> str:
        if not isinstance(target, Worker):
            return "noproc"
        node = self.at(op["path"][:-1])
        self.note("ended", tuple(op["path"][1:]), target.incarnation, op["reason"])
        self.ended(node, node.find(op["path"][-1]), op["reason"])
        return "ok"

    def start_child(self, node: Node, child: dict[str, Any]) -> str:
        if not fits(child, node.flags):
            return "error"
        present = node.find(child["id"])
        if present is not None:
            return "already_started" if present.up else "already_present"
        entry = Entry(child)
        if not self.start(node, entry):
            return "error"
        node.entries.append(entry)
        return "ok"

    def at(self, path: list[str]) -> Any:
        life: Any = self.root
        for child_id in path[1:]:
            entry = life.find(child_id) if isinstance(life, Node) else None
            life = entry.life if entry is not None and entry.up else None
        return life

    # Starting and stopping.

    def start(self, node: Node, entry: Entry) -> bool:
        path = (*node.path, entry.spec["id"])
        if entry.spec["kind"] == "supervisor":
            entry.life = self.start_node(entry.spec, path, (node, entry))
            return entry.life is not None
        self.tries[path] = self.tries.get(path, 0) + 1
        if self.tries[path] in entry.spec["fail_starts"]:
            self.note("start_failed", path, self.tries[path])
            return False
        self.note("started", path, self.tries[path])
        entry.life = Worker(self.tries[path])
        return True

    def start_node(self, spec: dict[str, Any], path: tuple[str, ...], above: tuple[Node, Entry] | None) -> Node | None:
        node = Node(spec, path, above)
        ids = [child["id"] for child in spec["children"]]
        if len(set(ids)) < len(ids) or not all(fits(child, node.flags) for child in spec["children"]):
            return None
        if self.start_all(node, node.entries) is not None:
            self.end_node(node)
            return None
        node.alive = True
        return node

    def start_all(self, node: Node, entries: list[Entry]) -> Entry | None:
        return next((entry for entry in entries if not self.start(node, entry)), None)

    def end(self, node: Node, entry: Entry) -> None:
        if isinstance(entry.life, Worker):
            self.note("ended", (*node.path, entry.spec["id"]), entry.life.incarnation, "shutdown")
        elif isinstance(entry.life, Node):
            self.end_node(entry.life)
        entry.life = None

    def end_node(self, node: Node) -> None:
        for entry in reversed(node.entries):
            self.end(node, entry)
        node.alive = False

    def leave_down(self, node: Node, entry: Entry) -> None:
        entry.life = None
        if entry.spec["restart"] == "temporary":
            node.entries.remove(entry)

    # Ends and restarts.

    def ended(self, node: Node, entry: Entry, why: str) -> None:
        restart = entry.spec["restart"]
        if restart == "permanent" or (restart == "transient" and why == "error"):
            entry.life = None
            self.restart(node, entry)
            return
        self.leave_down(node, entry)
        mode = node.flags["auto_shutdown"]
        if entry.spec["significant"] and (
            mode == "any_significant" or (mode == "all_significant" and not lasting(node))
        ):
            self.give_up(node)

    def restart(self, node: Node, entry: Entry) -> None:
        while True:
            node.restarts += 1
            if node.restarts > node.flags["intensity"]:
                self.leave_down(node, entry)
                self.give_up(node)
                return
            failed = self.restart_once(node, entry)
            if failed is None:
                return
            failed.life = RESTARTING
            entry = failed

    def restart_once(self, node: Node, entry: Entry) -> Entry | None:
        if node.flags["strategy"] == "one_for_one":
            return self.start_all(node, [entry])
        first = node.entries.index(entry) if node.flags["strategy"] == "rest_for_one" else 0
        entry.life = None
        affected = node.entries[first:]
        for other in reversed(affected):
            self.end(node, other)
            if other.spec["restart"] == "temporary":
                node.entries.remove(other)
        return self.start_all(node, node.entries[first:])

    def give_up(self, node: Node) -> None:
        self.end_node(node)
        if node.above is not None:
            self.ended(*node.above, "shutdown")


def fits(child: dict[str, Any], flags: dict[str, Any]) -> bool:
    return not child["significant"] or (flags["auto_shutdown"] != "never" and child["restart"] != "permanent")


def lasting(node: Node) -> bool:
    return any(entry.spec["significant"] and entry.life is not None for entry in node.entries)


def rows(node: Node) -> list[dict[str, Any]]:
    found = []
    for entry in node.entries:
        row: dict[str, Any] = {"id": entry.spec["id"], "up": RESTARTING if entry.life == RESTARTING else entry.up}
        if isinstance(entry.life, Node):
            row["children"] = rows(entry.life)
        elif isinstance(entry.life, Worker):
            row["incarnation"] = entry.life.incarnation
        found.append(row)
    return found


def play(program: dict[str, Any]) -> list[dict[str, Any]]:
    """What has to be seen."""
    return Model(program).run()

"""Random supervisor programs in the corpus' form, wilder than the corpus: more failing starts, deeper trees, odd targets."""

import random
from typing import Any

STRATEGIES = ("one_for_one", "one_for_all", "rest_for_one")
AUTO_SHUTDOWNS = ("never", "never", "any_significant", "all_significant")
RESTARTS = ("permanent", "transient", "temporary")
REASONS = ("error", "error", "normal", "shutdown")
OPERATIONS = ("die", "die", "die", "terminate_child", "restart_child", "delete_child", "start_child")


class Generator:
    """Programs of one seed. The same seed gives the same programs."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0

    def program(self) -> dict[str, Any]:
        self._number = 0
        node = {"flags": self._flags(), "children": self._children(depth=0)}
        self._paths = [["root"], *self._collect(node["children"], ["root"])]
        return node | {"ops": [self._op() for _ in range(self._random.randint(1, 14))]}

    def _flags(self) -> dict[str, Any]:
        draw = self._random
        return {
            "strategy": draw.choice(STRATEGIES),
            "intensity": draw.choice((0, 1, 1, 2, 3, 5, 8)),
            "auto_shutdown": draw.choice(AUTO_SHUTDOWNS),
        }

    def _children(self, depth: int) -> list[dict[str, Any]]:
        return [self._child(depth) for _ in range(self._random.randint(0 if depth else 1, 4))]

    def _child(self, depth: int) -> dict[str, Any]:
        draw = self._random
        child = {
            "kind": "worker",
            "id": self._fresh_id(),
            "restart": draw.choice(RESTARTS),
            "significant": draw.random() < 0.2,
        }
        # Most contradictions would only fail the start; a few stay, to see that they do.
        if child["restart"] == "permanent" and draw.random() < 0.95:
            child["significant"] = False
        if depth < 3 and draw.random() < 0.35:
            flags = self._flags()
            return child | {"kind": "supervisor", "flags": flags, "children": self._fitting(flags, depth + 1)}
        return child | {"fail_starts": self._fail_starts()}

    def _fitting(self, flags: dict[str, Any], depth: int) -> list[dict[str, Any]]:
        children = self._children(depth)
        if flags["auto_shutdown"] == "never" and self._random.random() < 0.95:
            for child in children:
                child["significant"] = False
        return children

    def _fail_starts(self) -> list[int]:
        draw = self._random
        if draw.random() < 0.6:
            return []
        return sorted(
            {draw.choice((1, 2, 2, 2, 3, 3, 4, 5, 6)) for _ in range(draw.randint(1, 4))} - {draw.choice((0, 1, 1))}
        )

    def _fresh_id(self) -> str:
        self._number += 1
        return f"c{self._number - 1}"

    def _collect(self, children: list[dict[str, Any]], above: list[str]) -> list[list[str]]:
        paths = []
        for child in children:
            path = [*above, child["id"]]
            paths += [path, *self._collect(child.get("children", []), path)]
        return paths

    def _op(self) -> dict[str, Any]:
        draw = self._random
        op = draw.choice(OPERATIONS)
        path = draw.choice(self._paths)
        if op == "die":
            return {"op": op, "path": path, "reason": draw.choice(REASONS)}
        if op == "start_child":
            child = self._child(depth=2)
            if draw.random() < 0.15 and len(path) > 1:
                child["id"] = path[-1]
                path = path[:-1]
            self._paths += [[*path, child["id"]], *self._collect(child.get("children", []), [*path, child["id"]])]
            return {"op": op, "sup": path, "child": child}
        if len(path) == 1 or draw.random() < 0.05:
            return {"op": op, "sup": path, "id": "nobody"}
        return {"op": op, "sup": path[:-1], "id": path[-1]}

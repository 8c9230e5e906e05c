"""How a look at the wall clock is found in the program; tests/test_docs.py holds docs/time.md against it."""

import ast
import re
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, sources

PAGE = ROOT / "docs/time.md"
WALL = {"time": {"time", "time_ns"}, "datetime": {"now", "utcnow", "today"}, "date": {"today"}}
"""Functions of the standard library, by what they are called on."""


def daemon_and_harness() -> list[Path]:
    return [path for path in sources() if path.parts[0] in {"actors", "harness"}]


def reads_the_wall_clock(tree: ast.AST) -> bool:
    return any(is_a_look(node) for node in ast.walk(tree))


def is_a_look(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        return (node.module == "harness.clock" and "now_ms" in names) or (
            node.module == "time" and bool(names & WALL["time"])
        )
    if not isinstance(node, ast.Attribute):
        return False
    on = ast.unparse(node.value).rpartition(".")[2]
    asked = (node.attr == "now_ms" and on.endswith("clock")) or (node.attr == "_now_ms" and on == "self")
    return asked or node.attr in WALL.get(on, ())


def listed() -> dict[str, str]:
    _, _, rest = PAGE.read_text().partition("<!-- wall clock -->\n")
    table, _, _ = rest.partition("<!-- /wall clock -->")
    rows = (re.match(r"\| `([\w/.]+)` \| (.+) \|$", line) for line in table.splitlines())
    return {row[1]: row[2] for row in rows if row}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x = time.time()", True), ("x = datetime.now(UTC)", True), ("x = datetime.datetime.utcnow()", True),
        ("from time import time_ns", True), ("x = self.clock.now_ms()", True), ("f(context.clock.now_ms)", True),
        ("from harness.clock import now_ms", True), ("x = self._now_ms()", True),
        ("x = time.monotonic()", False), ("x = self.clock.running_ms()", False), ("x = plan.now_ms", False),
        ("x = status.st_mtime_ns", False), ("def f(*, now_ms: int): return now_ms", False),
    ],
)  # fmt: skip
def test_a_look_at_the_wall_clock_is_recognised(line, found):
    assert reads_the_wall_clock(ast.parse(line)) is found


def test_running_and_elapsed_time_are_read_below_clocks_that_a_test_can_own():
    """`clock_gettime` is called by the two clocks, and by the check that looks at them."""
    calling = {str(path) for path in daemon_and_harness() if "clock_gettime" in (ROOT / path).read_text()}
    assert calling == {
        "actors/supervision/clock.py", "harness/clock.py", "actors/cli/doctor/clocks.py",
    }  # fmt: skip

"""Prints what the attacks from inside have shown: a row for each attack, a column for each kind of container.

A test of this folder is an attack, and its name says what holds. Its parameter says where it was tried (a name out of
CONTAINERS); one without such a parameter was tried on the host's side alone.
"""

import re

import pytest

from tests.redteam.cages import KINDS, Cage

CONTAINERS = ("bwrap-root", "bwrap-user", "nspawn", "process")
HOST = "host"
WORDS = {"passed": "held", "failed": "NOT HELD", "skipped": "not tried"}

_seen: dict[tuple[str, str], str] = {}


def pytest_runtest_logreport(report):
    if "redteam" not in report.nodeid or (report.when != "call" and report.passed):
        return
    name, _, rest = report.nodeid.rpartition("::")[2].partition("[")
    parameters = [part for part in re.split(r"[\]]", rest) if part]
    words = "-".join(parameters)
    where = next((one for one in CONTAINERS if re.search(rf"(^|-){one}(-|$)", words)), HOST)
    attack = name.removeprefix("test_").replace("_", " ")
    others = words.replace(where, "").strip("-") if where != HOST else words
    key = (f"{attack} ({others})" if others else attack, where)
    if _seen.get(key) != WORDS["failed"]:
        _seen[key] = WORDS[report.outcome]


def pytest_terminal_summary(terminalreporter):
    if not _seen:
        return
    columns = [one for one in (*CONTAINERS, HOST) if any(where == one for _, where in _seen)]
    attacks = sorted({attack for attack, _ in _seen})
    terminalreporter.section("attacks from inside")
    width = max(map(len, attacks))
    terminalreporter.write_line(f"{'':{width}}  " + "  ".join(f"{one:10}" for one in columns))
    for attack in attacks:
        row = "  ".join(f"{_seen.get((attack, one), '—'):10}" for one in columns)
        terminalreporter.write_line(f"{attack:{width}}  {row}")


@pytest.fixture(params=KINDS)
def cage(request):
    """A container of each kind in turn."""
    cage = Cage(request.param)
    yield cage
    cage.remove()

"""Page, terminal and manager: docs/parity.md says who can do what, and is compared with the verbs, routes, commands, tools."""

import ast
import functools
import inspect
import re
from pathlib import Path

import pytest

from harness.wire.agent_api import ROWS as AGENT_ROWS
from harness.wire.operator_api import HOST_VERBS, WEB_VERBS
from harness.wire.verb import Caller
from tests.actors.cli.test_cli_shape import every_command
from tests.wire_page import table, tables
from web.routes import ROUTES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/parity.md").read_text()
NONE = "–"
COMMANDS = {f"hive {words}": command for words, command in every_command()}
MANAGER = {row.cmd for row in AGENT_ROWS if Caller.MANAGER in row.callers}

SHARED = tuple(
    path
    for pattern in ("*.py", "tree/*.py", "commands/approvals/self_approval.py")
    for path in (ROOT / "actors/cli").glob(pattern)
)
"""What commands share."""

OF_THE_BROWSER = {"POST /logout", "POST /preferences", "POST /notices-seen"}
"""Addresses that change what a browser shows and ask the daemon for nothing of the operator's."""
WITHOUT_A_DAEMON = {
    "hive up", "hive serve", "hive demo", "hive chaos", "hive doctor", "hive image build", "hive image show", "hive completion",
    "hive config show",
}  # fmt: skip
"""Commands that start, try or set up the hive."""
OF_AN_AGENT = {"recv", "status", "wake", "ask", "remind", "whoami", "set_status"}
"""What every agent can do of itself, the manager too."""


def rows():
    """verb → the cells page, terminal, manager, each a list of what stands in backquotes."""
    found = table(PAGE, "verb", "page", "terminal", "manager")
    return {verb.strip("`"): [re.findall(r"`([^`]+)`", cell) for cell in cells] for verb, *cells in found}


def reasons():
    """The two tables of reasons: not on the page, not in the terminal."""
    page, terminal = [one[1:] for one in tables(PAGE) if one[0] == ("verb", "reason")]
    return [{verb.strip("`"): reason for verb, reason in one} for one in (page, terminal)]


def addresses():
    found = set()
    for method, path, *_ in ROUTES:
        alternatives = re.match(r"/<verb:re:([^>]+)>(.*)", path)
        paths = [path] if alternatives is None else [f"/{one}{alternatives[2]}" for one in alternatives[1].split("|")]
        found |= {f"{method} {one}" for one in paths}
    return found


@functools.cache
def words_of(*files):
    """Every string and every name in these files."""
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    return {
        str(found)
        for node in nodes
        for found in (getattr(node, "value", None), getattr(node, "id", None), getattr(node, "attr", None))
        if isinstance(found, str)
    }


def asks(words, cmd):
    """Whether code with these words sends this verb: by its name, or by the request that stands for it alone."""
    request = HOST_VERBS[cmd].request
    own = request.model_fields.get("cmd")
    return cmd in words or (own is not None and own.default == cmd and request.__name__ in words)


def test_every_verb_of_the_operator_has_its_row():
    assert set(rows()) == set(HOST_VERBS)


@pytest.mark.parametrize("cmd", sorted(HOST_VERBS))
def test_the_row_tells_the_truth(cmd):
    page, terminal, manager = rows()[cmd]
    assert set(page) <= addresses()
    assert set(terminal) <= set(COMMANDS)
    assert set(manager) <= MANAGER
    if page:
        assert cmd in WEB_VERBS
        assert asks(words_of(*(ROOT / "web").rglob("*.py")), cmd)
    for words in terminal:
        source = Path(inspect.getsourcefile(inspect.unwrap(COMMANDS[words].callback)))
        assert cmd in words_of(source) | words_of(*SHARED), words


def test_what_one_of_them_lacks_has_a_reason_and_nothing_else_has():
    for column, given in enumerate(reasons()):
        assert {verb for verb, cells in rows().items() if not cells[column]} == set(given)
        assert all(given.values())


def test_every_address_that_changes_something_is_in_the_table():
    shown = {address for cells in rows().values() for address in cells[0]}
    assert {one for one in addresses() if one.startswith("POST ")} - shown == OF_THE_BROWSER


def test_every_command_that_asks_the_daemon_is_in_the_table():
    shown = {command for cells in rows().values() for command in cells[1]}
    assert set(COMMANDS) - shown <= WITHOUT_A_DAEMON


def test_what_the_manager_can_do_the_operator_can_on_the_page_and_in_the_terminal():
    shown = {tool for cells in rows().values() for tool in cells[2]}
    assert MANAGER - shown == OF_AN_AGENT
    for cmd, (page, terminal, manager) in rows().items():
        if manager and cmd != "kill":  # the operator's `kill` is `stop`
            assert page and terminal, cmd  # noqa: PT018 — both, for each

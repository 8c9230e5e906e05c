"""The documentation has the program's tables: a row per setting, event, state, runtime and outcome, and no other.

The verbs are in test_protocol_page.py, the commands in docs/cli.md, which is generated.
"""

import re
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from actors.agent.container.state import TRANSIENT, TRANSITIONS
from actors.agent.runtime.selection import AUTO, RUNTIMES
from actors.cli import docs
from actors.cli.main import SECTIONS
from actors.daemon_settings import BY_NAME, SETTINGS
from harness.wire import constants
from harness.wire.events import HELPER_EVENTS, HarnessState, LiveEvent, TurnOutcome, TurnStats
from harness.wire.operator_rows import OperatorEventKind
from tests.test_architecture import parsed
from tests.test_clocks import daemon_and_harness, listed, reads_the_wall_clock
from tests.wire_page import table

ROOT = Path(__file__).parents[1]
LIVE_EVENTS = {kind.model_fields["kind"].default: kind for kind in get_args(get_args(LiveEvent)[0])}


@cache
def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def quoted(cell: str) -> list[str]:
    """The words between backquotes of one cell."""
    return re.findall(r"`([^`]+)`", cell)


def by_name(rows):
    """The rows by the words of their first cell; a name that has two rows fails."""
    named = [(name, row) for row in rows for name in quoted(row[0])]
    assert len(named) == len({name for name, _ in named}), "a name has two rows"
    return dict(named)


def fields(model, *left_out) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if name not in left_out]


@pytest.mark.parametrize("path", docs.pages(), ids=lambda path: path.name)
def test_what_is_made_from_the_program_is_up_to_date(path):
    assert path.read_text() == docs.pages()[path], "run: python -m actors.cli.docs"


def test_each_setting_has_a_row_with_its_choices():
    rows = by_name(table(page("configuration.md"), "key", "kind"))
    assert list(rows) == [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        assert tuple(quoted(rows[setting.name][1])) == tuple(setting.choices), setting.name


def test_each_command_has_a_heading():
    told = set(re.findall(r"^### hive (\S+)$", page("cli.md"), re.MULTILINE))
    assert told == {entry.name for entries in SECTIONS.values() for entry in entries}


def test_each_helper_event_has_a_row_with_its_fields():
    rows = by_name(table(page("events.md"), "event", "fields"))
    told = {name: quoted(row[1]) for name, row in rows.items()}
    assert told == {name: fields(kind, "event", "version") for name, kind in HELPER_EVENTS.items()}


def test_each_live_event_has_a_row_with_its_fields():
    rows = by_name(table(page("protocol.md"), "live event", "fields"))
    told = {name: quoted(row[1]) for name, row in rows.items()}
    assert told == {name: fields(kind, "kind") for name, kind in LIVE_EVENTS.items()}


def test_each_operator_event_has_a_row():
    assert list(by_name(table(page("protocol.md"), "operator event", "data"))) == list(OperatorEventKind)


def test_each_figure_of_a_turn_and_each_outcome_has_its_place():
    rows = by_name(table(page("protocol.md"), "figure", "meaning"))
    assert list(rows) == fields(TurnStats)
    assert quoted(rows["outcome"][1]) == list(TurnOutcome)


def test_each_state_of_a_harness_has_a_row():
    assert list(by_name(table(page("protocol.md"), "harness state", "meaning"))) == list(HarnessState)


def test_each_state_of_an_agent_has_a_row_with_what_may_follow_and_whether_it_is_transient():
    rows = by_name(table(page("agents.md"), "state", "meaning", "may be followed by"))
    assert {name: set(quoted(row[2])) for name, row in rows.items()} == {
        state: set(following) for state, following in TRANSITIONS.items()
    }
    assert {name for name, row in rows.items() if row[1].startswith("transient")} == TRANSIENT


def test_each_runtime_has_a_row_and_is_a_choice_of_the_setting():
    assert tuple(RUNTIMES) == constants.RUNTIMES
    assert list(by_name(table(page("runtimes.md"), "runtime"))) == list(RUNTIMES)
    assert tuple(BY_NAME["runtime"].choices[: len(RUNTIMES) + 1]) == (AUTO, *RUNTIMES)


LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    dead = [target for target in LINK.findall(path.read_text()) if not (path.parent / target).exists()]
    assert dead == []


def test_every_module_that_reads_the_wall_clock_says_what_for():
    reading = {str(path) for path in daemon_and_harness() if reads_the_wall_clock(parsed(path))}
    assert not reading - set(listed()), (
        "the wall clock jumps: a duration goes by running time (`Clock.monotonic`, `Clock.running_ms`); a module that reads "
        f"a moment has a row in docs/time.md that says what for: {sorted(reading - set(listed()))}"
    )
    assert not set(listed()) - reading, (
        f"these rows of docs/time.md are of modules that do not read the wall clock: {sorted(set(listed()) - reading)}"
    )

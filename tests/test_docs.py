"""What the program has, the documentation tells: a name that is nowhere in docs/ fails here."""

import re
from functools import cache
from pathlib import Path

import pytest

from actors.agent.container.state import AgentState
from actors.cli import docs
from actors.cli.main import SECTIONS
from actors.config import SETTINGS
from harness.tools import TOOLS
from harness.wire.agent_api import MANAGER_VERBS
from harness.wire.errors import ErrorCode
from harness.wire.events import HELPER_EVENTS, HarnessState, TurnOutcome
from harness.wire.operator_api import HOST_VERBS
from harness.wire.operator_rows import OperatorEvent

ROOT = Path(__file__).parents[1]
LIVE_EVENTS = ("turn_start", "stream", "note", "turn_end", "state", "model", "usage", "terminal")


@cache
def told() -> str:
    return "\n".join(page.read_text() for page in sorted((ROOT / "docs").rglob("*.md")))


def code_words() -> set[str]:
    """Every word that stands between backquotes, alone or with others."""
    return {
        word for span in re.findall(r"`([^`\n]+)`", told()) for word in re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", span)
    }


def missing(names) -> list[str]:
    return sorted(set(names) - code_words())


@pytest.mark.parametrize("path", docs.pages(), ids=lambda path: path.name)
def test_what_is_made_from_the_program_is_up_to_date(path):
    assert path.read_text() == docs.pages()[path], "run: python -m actors.cli.docs"


def test_every_setting_is_told():
    assert missing(setting.name for setting in SETTINGS) == []


def test_every_verb_of_every_surface_is_told():
    assert missing(MANAGER_VERBS | HOST_VERBS) == []


def test_every_error_code_is_told():
    assert missing(ErrorCode) == []


def test_every_event_is_told():
    # The stream's kinds are the words between backquotes in the documentation of its line.
    kinds = set(re.findall(r"`([a-z_]+)`", OperatorEvent.__doc__)) - {"seq", "kind", "data"}
    assert "agent_removed" in kinds
    assert missing({*HELPER_EVENTS, *LIVE_EVENTS, *kinds}) == []


def test_every_state_and_outcome_is_told():
    assert missing({*HarnessState, *TurnOutcome, *AgentState}) == []


def test_every_command_is_told():
    page = (ROOT / "docs/cli.md").read_text()
    assert [
        entry.name for entries in SECTIONS.values() for entry in entries if f"### hive {entry.name}\n" not in page
    ] == []


def test_every_tool_is_told():
    assert missing(tool.name for tool in TOOLS) == []


LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    dead = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert dead == []

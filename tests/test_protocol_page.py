"""The page on the protocol names what the sockets serve, and nothing else."""

import re
from pathlib import Path

from harness.wire.agent_api import MANAGER_VERBS
from harness.wire.events import HELPER_EVENTS
from harness.wire.operator_api import HOST_VERBS

PAGE = (Path(__file__).parents[1] / "docs/protocol.md").read_text()


def first_cells(heading):
    """What stands in backticks in the first column of every table from a heading of the second level to the next."""
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    rows = re.findall(r"^\| (`.*?) \|", "".join(one for one in sections if one.startswith(heading)), re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_every_verb_of_the_operator_stands_on_the_page():
    assert first_cells("Operator surface") == set(HOST_VERBS)


def test_every_verb_of_agents_and_of_the_manager_stands_on_the_page():
    assert first_cells("Agent surface") | first_cells("Manager surface") == set(MANAGER_VERBS)


def test_every_helper_event_stands_on_the_page_with_its_fields():
    for name, kind in HELPER_EVENTS.items():
        row = re.search(rf"^\| .*`{name}`.* \| (.*) \|$", PAGE, re.MULTILINE)
        told = re.findall(r"\w+", re.sub(r"\(.*?\)", "", row[1]))
        assert told == [field for field in kind.model_fields if field not in ("event", "version")]

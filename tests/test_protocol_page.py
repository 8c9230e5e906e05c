"""The page on the protocol has the wire's tables: a row per verb with its arguments, reply and callers, and no other."""

import re
from collections import Counter
from pathlib import Path

from harness.wire import agent_api, framing, limits, names, operator_api
from harness.wire.errors import ErrorCode
from tests.wire_page import row, table

PAGE = (Path(__file__).parents[1] / "docs/protocol.md").read_text()
ROWS = table(PAGE, "cmd", "arguments", "reply", "for")


def note(cmd):
    return next(one[4] for one in ROWS if one[0] == f"`{cmd}`")


def test_the_page_has_the_row_of_every_verb_and_no_other():
    wanted = Counter(row(verb) for verb in (*agent_api.ROWS, *operator_api.ROWS))
    told = Counter(one[:4] for one in ROWS)
    assert sorted((wanted - told).elements()) == [], "rows that docs/protocol.md lacks"
    assert sorted((told - wanted).elements()) == [], "rows of docs/protocol.md that no verb has"


def test_the_page_says_which_verbs_are_no_tool():
    sentence = re.search(r"no tool: (.*?)\.", PAGE)[1]
    assert set(re.findall(r"`(\w+)`", sentence)) == {verb.cmd for verb in agent_api.ROWS if verb.tool is None}


def test_limits_that_no_schema_shows_are_those_of_the_wire():
    assert f"cut to {limits.MAX_WAIT_SECONDS} s" in note("recv")
    assert f"cut to {limits.MAX_QUESTION_TTL_SECONDS}" in note("ask")
    assert f"at most {limits.MAX_EVENTS}" in note("publish")
    assert f"`{names.HIVE_WIDE}` is the whole hive" in note("stats")
    prose = " ".join(PAGE.split())
    assert f"at most {limits.BODY_LIMIT}" in prose
    assert f"at most {framing.MAX_FRAME_BYTES // 1024**2} MiB" in prose
    assert f"at most {names.MAX_NAME_LENGTH} characters" in prose


def test_the_codes_of_refusals_are_listed_in_full():
    listed = re.search(r"^- Codes: (.*)$", PAGE, re.MULTILINE)[1]
    assert re.findall(r"`(\w+)`", listed) == [code.value for code in ErrorCode]


def test_the_reserved_names_are_listed_in_full():
    listed = re.search(r"Reserved: (.*?)\.", PAGE, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", listed)) == names.RESERVED

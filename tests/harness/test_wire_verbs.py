"""The tables of verbs are of one piece: a row, its request and its tool never contradict each other."""

from collections import Counter

import pytest

from harness.claude.permissions import BUILT_INS
from harness.tools import TOOLS
from harness.wire import agent_api, operator_api
from harness.wire.model import Record, Request
from harness.wire.verb import MAIL, OPERATORS, Caller

ROWS = (*agent_api.ROWS, *operator_api.ROWS)


@pytest.mark.parametrize("caller", list(Caller))
def test_no_caller_has_two_verbs_of_one_name(caller):
    assert [cmd for cmd, count in Counter(row.cmd for row in ROWS if caller in row.callers).items() if count > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.cmd}-{min(row.callers)}")
def test_a_request_that_names_its_verb_names_that_of_its_row(row):
    assert row.request.model_fields["cmd"].get_default() in (row.cmd, *([] if row.tool else [_undefined()]))


def _undefined():
    return Request.model_fields["cmd"].get_default()


def test_the_surfaces_of_agents_and_of_the_operator_have_no_caller_in_common():
    assert all(row.callers and row.callers <= MAIL for row in agent_api.ROWS)
    assert all(row.callers and row.callers <= OPERATORS for row in operator_api.ROWS)


def test_the_web_process_has_no_verb_that_the_operators_socket_lacks():
    assert operator_api.WEB_VERBS.items() < operator_api.HOST_VERBS.items()
    assert agent_api.AGENT_VERBS.items() < agent_api.MANAGER_VERBS.items()
    assert agent_api.PEER_VERBS.keys() - agent_api.AGENT_VERBS.keys() == {"ack_turn", "requeue_inflight"}


def test_what_a_turn_is_made_of_is_its_harnesses_alone():
    """No verb that settles a turn, speaks for it or takes the operator's commands is served where Claude's Bash is."""
    assert agent_api.HARNESS_VERBS.keys() - agent_api.MANAGER_VERBS.keys() == {
        "publish", "begin_turn", "turn_ended", "control", "ack_turn", "requeue_inflight", "fail_turn",
    }  # fmt: skip
    assert agent_api.HARNESS_VERBS.keys() & agent_api.MANAGER_VERBS.keys() == {"send", "recv", "status"}


def test_no_reply_has_a_field_of_the_frame_around_it():
    assert [row.cmd for row in ROWS if {"version", "ok", "error", "code"} & row.reply.model_fields.keys()] == []
    assert all(issubclass(row.reply, Record) for row in ROWS)


def test_a_tool_is_offered_only_to_those_who_may_ask_its_verb_and_takes_no_name_twice():
    assert [tool.name for tool in TOOLS if not tool.callers] == []
    names = [tool.name for tool in TOOLS]
    assert len(names) == len(set(names))
    assert set(names) & set(BUILT_INS) == set()

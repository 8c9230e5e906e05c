"""What an end means, as a table."""

import pytest

from actors.agent.container.exit_class import RULES, After, ExitClass, classify, sentence


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"exit_status": 0}, ExitClass.CLEAN),
        ({"exit_status": 1}, ExitClass.CRASH),
        ({"exit_status": None}, ExitClass.CRASH),
        ({"exit_status": 75}, ExitClass.USAGE_LIMIT),
        ({"exit_status": 76}, ExitClass.LOGIN_LOST),
        ({"exit_status": 137}, ExitClass.KILLED),
        ({"exit_status": 137, "out_of_memory": True}, ExitClass.OUT_OF_MEMORY),
        ({"exit_status": 128}, ExitClass.CRASH),
    ],
)
def test_each_end_has_one_class(facts, kind):
    assert classify(**({"out_of_memory": False} | facts)) is kind


def test_every_class_has_a_rule_and_only_what_a_restart_mends_is_restarted():
    assert set(RULES) == set(ExitClass)
    unmended = {kind: rule.after for kind, rule in RULES.items() if rule.after is not After.RESTART}
    assert unmended == {ExitClass.USAGE_LIMIT: After.WAIT, ExitClass.LOGIN_LOST: After.PARK}
    assert {kind for kind, rule in RULES.items() if not rule.report} == set(unmended), "they are no crashes"


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        (ExitClass.KILLED, 137, "SIGKILL"), (ExitClass.KILLED, 128 + 70, "signal 70"), (ExitClass.CRASH, 3, "status 3"),
        (ExitClass.CRASH, None, "unknown"), (ExitClass.USAGE_LIMIT, 75, "limit"), (ExitClass.LOGIN_LOST, 76, "replace it"),
        (ExitClass.OUT_OF_MEMORY, 137, "memory"),
    ],
)  # fmt: skip
def test_each_class_is_told_in_words(kind, status, word):
    assert word in sentence(kind, status)

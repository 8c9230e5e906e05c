"""Who may write to whom, as a table; and the error for a sender that may not."""

import pytest

from actors.broker.addressing import Addressee, check_alias, posts_of
from actors.broker.messages import Role, Send
from actors.broker.policy import may_send
from harness.wire.agent_api import MAX_BODY_BYTES
from harness.wire.errors import ErrorCode, HiveError

BOOK = {
    "manager": Addressee("manager", Role.MANAGER, frozenset()),
    "alice": Addressee("alice", Role.AGENT),
    "bob": Addressee("bob", Role.AGENT, frozenset({"alice"})),
    "loud": Addressee("loud", Role.AGENT, frozenset({"*"})),
    "quiet": Addressee("quiet", Role.AGENT, frozenset()),
    "damocles": Addressee("damocles", Role.PEER),
}


@pytest.mark.parametrize(
    ("sender", "to", "allowed", "verdict"),
    [
        ("alice", "bob", None, True),
        ("alice", "*", None, True),
        ("alice", "operator", None, True),
        ("bob", "alice", {"alice"}, True),
        ("bob", "carol", {"alice"}, False),
        ("bob", "manager", {"alice"}, True),
        ("bob", "bob", {"alice"}, True),
        ("bob", "operator", {"alice"}, False),
        ("bob", "operator", {"operator"}, True),
        ("bob", "*", {"alice"}, False),
        ("bob", "*", {"*"}, True),
        ("bob", "alice", {"*"}, False),
        ("bob", "alice", set(), False),
        ("bob", "manager", set(), True),
        ("manager", "alice", set(), True),
        ("manager", "*", set(), True),
        ("operator", "*", set(), True),
        ("system", "manager", set(), True),
        ("reminder", "alice", set(), True),
    ],
)
def test_the_allow_list(sender, to, allowed, verdict):
    assert may_send(sender, to, allowed) is verdict


def addressed(sender, to, body="x", **rest):
    return [post.to for post in posts_of(Send(sender, to, body, **rest), BOOK)]


def refused(*arguments):
    with pytest.raises(HiveError) as refusal:
        addressed(*arguments)
    return refusal.value


def test_a_broadcast_is_one_post_for_everybody_but_its_sender_and_the_operator():
    assert addressed("alice", "*") == ["bob", "damocles", "loud", "manager", "quiet"]
    assert addressed("loud", "*") == ["alice", "bob", "damocles", "manager", "quiet"]
    assert all(post.broadcast for post in posts_of(Send("alice", "*", "x"), BOOK))


def test_self_is_the_sender():
    assert addressed("quiet", "self") == ["quiet"]


def test_the_operator_and_the_manager_are_always_known():
    assert [post.to for post in posts_of(Send("operator", "manager", "x"), {})] == ["manager"]
    assert [post.to for post in posts_of(Send("manager", "operator", "x"), {})] == ["operator"]


def test_a_stranger_is_not_found_and_a_slip_gets_a_suggestion():
    assert (refused("alice", "bbo").code, refused("alice", "bbo").hint) == (ErrorCode.NOT_FOUND, "did you mean 'bob'?")
    assert refused("alice", "zzzzzz").code is ErrorCode.NOT_FOUND
    assert refused("alice", "system").code is ErrorCode.NOT_FOUND


def test_a_refusal_lists_the_names_that_the_sender_may_write_to():
    error = refused("bob", "quiet")
    assert (error.code, error.message) == (ErrorCode.FORBIDDEN, "bob may not write to quiet")
    assert error.hint.startswith("it may write to: alice, manager;")
    assert refused("quiet", "*").message == "quiet may not broadcast"


def test_an_unregistered_sender_sends_nothing():
    assert refused("ghost", "alice").code is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("body", ["x" * MAX_BODY_BYTES, "ü" * (MAX_BODY_BYTES // 2), "\x00"])
def test_a_body_up_to_the_limit_is_taken(body):
    assert addressed("alice", "bob", body)


@pytest.mark.parametrize("body", ["x" * (MAX_BODY_BYTES + 1), "ü" * (MAX_BODY_BYTES // 2 + 1)])
def test_a_longer_body_is_refused_with_the_way_out(body):
    error = refused("alice", "bob", body)
    assert (error.code, "send its path" in error.hint) == (ErrorCode.TOO_LARGE, True)


def test_half_a_surrogate_pair_is_refused_before_it_can_hurt_anybody():
    assert refused("alice", "bob", "a\ud800").code is ErrorCode.BAD_REQUEST


@pytest.mark.parametrize("alias", ["operator", "manager", "hm1nd", " Bob ", "system", "*", "reminder", "damocles"])
def test_a_wake_cannot_show_another_name_as_its_sender(alias):
    with pytest.raises(HiveError, match="a name in this hive"):
        check_alias("alice", alias, BOOK)


@pytest.mark.parametrize("alias", ["webhook", "forge #12", "alice"])
def test_a_wake_may_say_what_it_was(alias):
    check_alias("alice", alias, BOOK)

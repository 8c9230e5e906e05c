"""What the broker promises to senders and recipients, on a real database."""

import sqlite3

import pytest

from actors.broker import api as broker
from actors.broker.messages import GiveBack
from actors.store import api as store
from actors.supervision import AskTimeout
from harness.wire.agent_api import MAX_BODY_BYTES, MessageKind
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.framing import MAX_FRAME_BYTES, encode
from tests.actors.broker.kit import Post
from tests.waiting import SECONDS


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.close()


def test_a_message_arrives_as_it_was_sent(post):
    sent = post.send("alice", "bob", "hé\nllo")
    [message] = post.recv("bob").messages
    assert message.as_frame() == {
        "id": sent.id,
        "from": "alice",
        "to": "bob",
        "body": "hé\nllo",
        "sent_at": "2023-11-14T22:13:20.000Z",
        "in_reply_to": None,
        "broadcast": False,
        "redelivered": False,
        "kind": "message",
        "attempts": 0,
        "undelivered": False,
        "read_at": None,
        "thread": None,
        "cause": None,
    }


def test_looking_does_not_wait_and_an_empty_inbox_is_empty(post):
    assert post.recv("bob").as_frame() == {"messages": [], "remaining": 0, "paused": False}


def test_messages_come_in_the_order_of_their_ids_and_remaining_counts_the_rest(post):
    ids = [post.send("alice", "bob", str(number)).id for number in range(5)]
    assert ids == sorted(ids)
    first = post.recv("bob", 2)
    assert ([message.id for message in first.messages], first.remaining) == (ids[:2], 3)
    assert post.bodies("bob") == ["2", "3", "4"]


def test_a_leased_message_is_offered_to_no_other_and_not_again_until_it_is_given_back(post):
    post.send("alice", "bob")
    assert post.bodies("bob") == ["hello"]
    assert post.bodies("bob") == []
    assert post.bodies("carol") == []
    assert post.status("bob") == (0, 1)


def test_ack_turn_is_the_end_of_all_that_was_leased(post):
    for _ in range(3):
        post.send("alice", "bob")
    post.recv("bob", 2)
    assert post.ack("bob") == 2
    assert post.ack("bob") == 0
    assert post.requeue("bob") == 0
    assert post.status("bob") == (1, 0)


def test_what_is_requeued_comes_again_before_newer_mail_and_says_so(post):
    for body in "abc":
        post.send("alice", "bob", body)
    post.recv("bob", 2)
    assert post.requeue("bob") == 2
    post.send("alice", "bob", "d")
    again = post.recv("bob", 32).messages
    assert [(message.body, message.redelivered) for message in again] == [
        ("a", True),
        ("b", True),
        ("c", False),
        ("d", False),
    ]


def test_requeue_can_keep_what_the_harness_knows(post):
    kept, lost = post.send("alice", "bob", "kept").id, post.send("alice", "bob", "lost").id
    post.recv("bob", 2)
    assert post.requeue("bob", keep=[kept]) == 1
    assert [message.id for message in post.recv("bob").messages] == [lost]
    assert post.ack("bob") == 2


def test_a_reply_that_could_not_be_written_is_offered_again(post):
    post.send("alice", "bob")
    [message] = post.recv("bob").messages
    broker.give_back(post.directory, "bob", [message.id, 999])
    assert post.recv("bob").messages[0].redelivered
    assert post.bodies("bob") == []


def test_mail_of_a_turn_that_broke_is_offered_again_though_the_store_does_not_say_who_sent_it(post, monkeypatch):
    post.send("alice", "bob")
    post.recv("bob")

    def silent(*_):
        raise AskTimeout("store", 10.0)

    monkeypatch.setattr("actors.broker.actor.store.read", silent)
    post.directory.tell("broker", GiveBack("bob", None, "status 137"))
    assert post.recv("bob").messages[0].redelivered


def test_both_spellings_address_the_manager(post):
    post.send("alice", "hm1nd", "one")
    post.send("alice", "manager", "two")
    assert [message.to for message in post.recv("hm1nd", 2).messages] == ["manager", "manager"]
    assert post.ack("manager") == 2


def test_a_broadcast_leases_and_acks_for_each_recipient_alone(post):
    reply = post.send("alice", "*", "all hands")
    assert (reply.recipients, len(reply.ids), reply.id) == (["bob", "carol", "manager"], 3, None)
    [message] = post.recv("bob").messages
    assert (message.broadcast, message.to, message.id) == (True, "bob", reply.ids[0])
    assert post.ack("bob") == 1
    assert post.status("carol") == (1, 0)
    assert post.status("alice") == (0, 0)


def test_a_broadcast_with_nobody_to_hear_it_is_no_error(tmp_path):
    post = Post(tmp_path, "alice")
    broker.unregister(post.directory, "alice")
    assert post.send("manager", "*").ids == []
    post.close()


def test_a_reply_names_its_parent_only_when_the_sender_has_seen_it(post):
    question = post.send("alice", "bob").id
    for sender, parent, kept in [
        ("bob", question, question),
        ("alice", question, question),
        ("carol", question, None),
        ("bob", 12345, None),
    ]:
        post.send(sender, "manager", sender, in_reply_to=parent)
        [message] = post.recv("manager").messages
        assert message.in_reply_to == kept


def test_a_refused_send_stores_nothing(post):
    for to, body, code in [
        ("nobody", "x", ErrorCode.NOT_FOUND),
        ("bob", "x" * (MAX_BODY_BYTES + 1), ErrorCode.TOO_LARGE),
    ]:
        with pytest.raises(HiveError) as refusal:
            post.send("alice", to, body)
        assert refusal.value.code is code
    broker.register(post.directory, name="alice", role="agent", allowed_recipients=["hm1nd"])
    with pytest.raises(HiveError) as refusal:
        post.send("alice", "bob")
    assert refusal.value.code is ErrorCode.FORBIDDEN
    assert post.send("alice", "manager").id == 1


def test_an_unregistered_name_cannot_be_written_to_and_keeps_its_mail(post):
    post.send("alice", "bob", "for later")
    broker.unregister(post.directory, "bob")
    with pytest.raises(HiveError, match="no recipient"):
        post.send("alice", "bob")
    broker.register(post.directory, name="bob", role="agent")
    assert post.bodies("bob") == ["for later"]


def test_wake_is_mail_to_oneself_that_shows_what_woke_and_that_it_came_from_outside(post):
    broker.wake(post.directory, name="bob", from_="webhook", body="build 12 failed")
    [message] = post.recv("bob").messages
    assert (message.from_, message.to, message.body) == ("outside:webhook", "bob", "build 12 failed")


def test_a_post_has_its_extra_write_in_the_same_transaction(post):
    posts = [
        broker.Post("system", "manager", "{}", MessageKind.EVENT),
        broker.Post("system", "bob", "{}", MessageKind.EVENT),
    ]
    ids = broker.post(
        post.directory,
        posts,
        extra_write=lambda connection: connection.execute("INSERT INTO peers (name, created_at) VALUES ('p', 0)"),
    )
    assert [message.id for message in post.recv("manager").messages] == ids[:1]
    assert post.recv("bob").messages[0].kind is MessageKind.EVENT
    assert post.sql("SELECT name FROM peers") == [("p",)]


def test_when_the_extra_write_fails_no_mail_goes_out_and_other_requests_are_not_touched(post):
    waiter = post.long_poll("bob")

    def fails(connection):
        connection.execute("INSERT INTO peers (name, created_at) VALUES ('p', 0)")
        raise LookupError("no such thing")

    def misspelled(connection):
        connection.execute("INSERT INTO peers (name, created_at) VALUES ('p', 0)")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    for extra_write, error in ((fails, LookupError), (misspelled, sqlite3.OperationalError)):
        with pytest.raises(error):
            broker.post(post.directory, [broker.Post("system", "bob", "{}")], extra_write=extra_write)
    assert post.sql("SELECT name FROM peers") == []
    sent = post.send("alice", "bob", "real").id
    assert [(message.id, message.body) for message in waiter.wait().messages] == [(sent, "real")]


def test_a_batch_of_long_bodies_is_cut_so_that_its_reply_fits_into_a_frame(post):
    for number in range(20):
        post.send("alice", "bob", chr(1) * (MAX_BODY_BYTES - 2) + f"{number:02}")
    seen = []
    while (reply := post.recv("bob", 32)).messages:
        assert len(encode(reply.as_reply())) <= MAX_FRAME_BYTES
        seen += [message.body[-2:] for message in reply.messages]
    assert seen == [f"{number:02}" for number in range(20)]
    page = broker.messages(post.directory, limit=100)
    assert page[-1].body.endswith("19")
    older = broker.messages(post.directory, limit=100, before=page[0].id)
    assert older[-1].id == page[0].id - 1


def test_pages_show_everything_newest_last_and_page_back(post):
    ids = [post.send("alice", to).id for to in ("bob", "operator", "bob", "operator", "operator")]
    assert [message.id for message in broker.messages(post.directory, limit=3)] == ids[2:]
    assert [message.id for message in broker.messages(post.directory, limit=3, before=ids[2])] == ids[:2]
    assert [message.id for message in broker.operator_inbox(post.directory, limit=2).messages] == [ids[3], ids[4]]
    assert [message.id for message in broker.operator_inbox(post.directory, limit=9, before=ids[3]).messages] == [
        ids[1]
    ]
    post.recv("bob", 2)
    post.ack("bob")
    assert [message.id for message in broker.recent(post.directory, "bob")] == [ids[0], ids[2]]


def test_the_figures_of_every_inbox(post):
    post.recv("carol")
    post.send("alice", "bob")
    post.clock.advance(5)
    post.send("alice", "bob")
    post.recv("bob")
    waiter = post.long_poll("carol")
    counts = broker.counts(post.directory)
    assert set(counts) == {"alice", "bob", "carol", "manager"}
    start = 1_700_000_000_000
    bob, carol = counts["bob"], counts["carol"]
    assert (bob.pending, bob.leased, bob.oldest_unacked_at, bob.last_asked_at, bob.polling) == (
        1,
        1,
        start,
        5000,
        False,
    )
    assert (carol.pending, carol.leased, carol.oldest_unacked_at, carol.polling) == (0, 0, None, True)
    assert counts["alice"].last_asked_at is None
    assert (bob.leased_at, carol.leased_at) == (start + 5000, None)
    waiter.cancel()


def test_the_operator_is_told_of_every_step_after_the_commit(post):
    first = post.send("alice", "bob", "a").id
    second = post.send("bob", "alice", "b", in_reply_to=999).id
    post.recv("bob")
    post.ack("bob")
    assert [(event["id"], event["from"], event["in_reply_to"]) for event in post.emitted("message")] == [
        (first, "alice", None),
        (second, "bob", None),
    ]
    assert post.emitted("delivered") == [{"ids": [first], "to": "bob"}]
    assert post.emitted("acked") == [{"ids": [first], "to": "bob"}]


@pytest.mark.slow
def test_ids_and_bodies_of_a_hundred_thousand_waiting_messages_cost_little_memory(post):
    def fill(connection):
        rows = ((number, "alice", "bob", 600, "x" * 100, "message", 1, 0) for number in range(1, 100_001))
        connection.executemany(
            "INSERT INTO messages (id, sender, recipient, size, body, kind, sent_at, broadcast) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    store.write(post.directory, fill).get(timeout=SECONDS)
    post.crash_broker()
    assert post.status("bob") == (100_000, 0)
    backlog = post.directory.actor("broker")._state.inboxes["bob"].fresh
    assert (
        sum(column.buffer_info()[1] * column.itemsize for column in (backlog._ids, backlog._sent, backlog._sizes))
        <= 2_000_000
    )
    assert [message.id for message in post.recv("bob", 2).messages] == [1, 2]


def test_the_mail_of_a_quiet_name_is_found_from_both_sides(post):
    first, answer = post.send("alice", "bob").id, post.send("bob", "alice").id
    loud = [post.send("carol", "manager").id for _ in range(200)]
    last = post.send("alice", "carol").id
    of = lambda name, **page: [one.id for one in broker.messages_of(post.directory, name, **page)]  # noqa: E731
    assert of("alice") == [first, answer, last]
    assert of("alice", limit=2) == [answer, last]
    assert of("alice", before=last) == [first, answer]
    assert of("hm1nd", limit=500) == loud
    assert of("nobody") == []
    assert broker.messages_of_the_hive(post.directory) == []

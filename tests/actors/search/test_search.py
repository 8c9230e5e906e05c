"""The search over a real store, broker, telemetry and questions."""

import sqlite3

import pytest

from actors.broker import api as broker
from actors.questions import api as questions
from actors.search import index
from actors.store import api as store
from actors.store.messages import Database
from actors.telemetry import api as telemetry
from harness.wire.errors import HiveError
from tests.actors.search.parts import SearchedHive


@pytest.fixture
def hive(tmp_path):
    hive = SearchedHive(tmp_path, "alice", "bob", "a-b")
    yield hive
    hive.close()


def error_of(hive, query):
    try:
        hive.find(query)
    except HiveError as refused:
        return refused.code


def send(hive, body, sender="alice", to="bob"):
    hive.clock.advance(1)
    return broker.send(hive.directory, sender=sender, to=to, body=body)


def test_a_message_is_found_by_a_word_with_the_hit_marked(hive):
    sent = send(hive, "the Königsberg bridges are seven")
    send(hive, "nothing of the kind")
    hive.follow()
    (hit,) = hive.find("konigsberg").hits
    assert (hit.kind, hit.id, hit.sender, hit.recipient) == ("message", sent.id, "alice", "bob")
    assert [part.text for part in hit.snippet if part.hit] == ["Königsberg"]


def test_the_newest_hit_comes_first_and_pages_go_on_where_the_last_one_ended(hive):
    for number in range(25):
        send(hive, f"mail number{number}")
    hive.follow()
    seen, cursor = [], None
    while True:
        page = hive.find("mail", limit=10, before=cursor)
        assert (page.total, page.more_than_total) == (25, False)
        seen += ["".join(part.text for part in hit.snippet) for hit in page.hits]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [f"mail number{number}" for number in reversed(range(25))]


def test_more_than_a_thousand_are_said_to_be_more_than_a_thousand(hive):
    def unit(connection):
        connection.executemany(
            "INSERT INTO messages (id, sender, recipient, size, body, kind, sent_at) VALUES (?, 'alice', 'bob', 5, 'again', 'message', 5)",
            [(number,) for number in range(1, 1_202)],
        )

    store.write(hive.directory, unit).get(timeout=10)
    hive.follow()
    found = hive.find("again")
    assert (found.total, found.more_than_total, found.not_indexed) == (1_000, True, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:alice plan", ["plan one"]),
        ("to:hm1nd plan", ["plan two"]),
        ("agent:bob plan", ["plan three", "plan two", "plan one"]),
        ("agent:a-b plan", ["plan three"]),
        ("from:a plan", []),
        ("plan -two -three", ["plan one"]),
        ('"plan t"', []),
        ("pla* after:1d", ["plan three", "plan two", "plan one"]),
        ("plan before:2001-01-01", []),
        ("in:message plan to:bob", ["plan three", "plan one"]),
        ("in:turn plan", []),
        ("ONE AND plan", []),
        ("from:bob", ["plan two"]),
    ],
)
def test_filters_narrow_a_search(hive, query, found):
    send(hive, "plan one")
    send(hive, "plan two", "bob", "manager")
    send(hive, "plan three", "a-b", "bob")
    assert hive.texts(query) == found


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        '"',
        "\0",
        "in:nowhere x",
        "from: ",
        "form:alice x",
        "before:tomorrow",
        "-word",
        "-in:tool x",
        "a " * 40,
        "***",
    ],
)
def test_a_query_that_is_none_is_refused_with_a_hint(hive, query):
    with pytest.raises(HiveError) as refused:
        hive.find(query)
    assert refused.value.code == "bad_request"
    assert refused.value.hint


@pytest.mark.parametrize(
    "query",
    [
        '"unclosed', "a\"b'c", "NEAR(a b, 2)", "{text tags} : a", "a OR b", "^a", "a + b", "(((", "x*y", "tags:", "text : a",
        "'; DROP TABLE documents; --", "漢字", "🦀 a", "a\u0000b", "\ud800 a", "e\u0301", "x" * 1_000, "a-" * 500, "%s%n", "a:\\b",
        "after:99999999w a", "before:0001-01-01 a",
    ],
)  # fmt: skip
def test_a_hostile_query_has_an_answer_or_a_clear_refusal(hive, query):
    send(hive, "a b c")
    hive.follow()
    assert error_of(hive, query) in (None, "bad_request")
    assert hive.texts("a") == ["a b c"]


def test_what_an_agents_turn_holds_is_found(hive):
    def stream(who, *blocks):
        return {"kind": "stream", "message": {"type": who, "message": {"role": who, "content": list(blocks)}}}

    telemetry.publish(
        hive.directory,
        "alice",
        [
            {"kind": "turn_start", "from": "operator", "body": "count the pelicans", "unread": 0, "message_ids": []},
            stream("assistant", {"type": "text", "text": "pelicans, of course"}),
            stream("assistant", {"type": "tool_use", "id": "1", "name": "Bash", "input": {"command": "ls pelicans"}}),
            stream(
                "user",
                {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "pelicans.txt"}]},
            ),
            {"kind": "a shape of tomorrow", "deep": [1, {"content": None}]},
        ],
    )
    hive.follow()
    kinds = {hit.kind: hit for hit in hive.find("pelicans").hits}
    assert set(kinds) == {"prompt", "text", "tool", "output"}
    assert {hit.agent for hit in kinds.values()} == {"alice"}
    assert [hit.kind for hit in hive.find("in:tool bash agent:alice").hits] == ["tool"]


def test_a_question_is_found_by_its_answer_once_it_is_answered(hive):
    asked = questions.ask(
        hive.directory, asker="alice", target="operator", question="which colour?", options=["teal", "mauve"]
    )
    assert hive.texts("colour teal in:question") == ["which colour?\nteal\nmauve"]
    questions.answer(hive.directory, question_id=asked, answer="mauve", answerer="operator")
    assert hive.texts("mauve in:question") == ["which colour?\nteal\nmauve\nmauve"]
    assert hive.find("colour in:question").total == 1


@pytest.mark.slow
def test_what_is_gone_from_its_table_is_not_found_and_leaves_the_index(hive):
    sent = send(hive, "to be forgotten")
    send(hive, "to be kept")
    hive.follow()
    store.write(
        hive.directory, lambda connection: connection.execute("DELETE FROM messages WHERE id = ?", (sent.id,))
    ).get(timeout=5)
    assert hive.texts("to be") == ["to be kept"]
    hive.clock.advance(3_601)
    hive.follow()
    connection = index.open_reader(hive.path)
    try:
        while connection.execute("SELECT count(*) FROM documents").fetchone() != (1,):
            hive.follow()
        assert connection.execute("SELECT count(*) FROM words WHERE words MATCH 'forgotten'").fetchone() == (0,)
    finally:
        connection.close()


def damage(path):
    with path.open("r+b") as file:
        size = path.stat().st_size
        for offset in range(4_096, size, 4_096):
            file.seek(offset)
            file.write(b"\xff" * 512)


def scribble(path):
    path.write_bytes(b"this is no database " * 500)


def truncate(path):
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def of_another_version(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [damage, scribble, truncate, of_another_version, lambda path: path.unlink()])
def test_a_spoilt_index_is_made_again_from_the_tables(hive, spoil):
    for number in range(30):
        send(hive, f"kept {'words and more ' * 40} {number}")
    hive.follow()
    hive.stop("search")
    spoil(hive.path)
    hive.begin_search()
    hive.follow()
    assert hive.find("kept").total == 30


def test_an_index_that_breaks_while_it_runs_is_made_again(hive):
    send(hive, "before the trouble")
    hive.follow()
    connection = sqlite3.connect(hive.path)
    connection.execute("DROP TABLE words_data")
    connection.close()
    send(hive, "after the trouble")
    hive.follow()
    assert sorted(hive.texts("trouble")) == ["after the trouble", "before the trouble"]


def test_tables_that_were_replaced_are_indexed_anew(hive):
    send(hive, "of the old history")
    telemetry.publish(hive.directory, "alice", [{"kind": "note", "text": "an old note"}])
    hive.follow()
    hive.stop("search")

    def unit(connection):
        connection.execute("DELETE FROM events")
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'events'")

    store.write(hive.directory, unit, Database.TELEMETRY).get(timeout=5)
    hive.begin_search()
    assert hive.texts("old") == ["of the old history"]

"""What an agent reports of itself can be anything: its page shows it, quickly, and every other page stays as it was."""

import random
import time
from types import SimpleNamespace

import pytest

from tests import torture
from tests.redteam import hostile_stream
from tests.web import sample_rows
from tests.web.browserless import NAME, TOKEN, Browserless
from tests.web.fake_daemon import FakeDaemon
from web.app import WebApp
from web.presentation import turn_log
from web.presentation.tool_calls import describe
from web.settings import WebSettings
from web.wsgi import application

pytestmark = pytest.mark.slow

PAGE_SECONDS = 5.0
"""Far more than a page takes; texts that are compared with each other used to take minutes."""


@pytest.fixture
def web(tmp_path):
    fake = FakeDaemon(tmp_path / "web.sock")
    sample_rows.populate(fake)
    fake.start()
    app = WebApp.build(WebSettings(socket=fake.path, token_file=tmp_path / "token", port=7000, name=NAME), TOKEN)
    yield SimpleNamespace(fake=fake, site=Browserless(application(app)).log_in())
    app.streams.close()
    app.feed.stop()
    fake.stop()


def test_forged_events_take_neither_the_page_nor_another_row_away(web, caplog):
    seed = torture.seed()
    chance = random.Random(seed)
    for _ in range(torture.count(quick=1_500, full=50_000) // 50):
        events = [hostile_stream.event(chance) for _ in range(50)]
        events.append({"kind": "note", "class": "harness", "text": "the good one"})
        rows = turn_log.rows({"id": number, "at": "", "event": one} for number, one in enumerate(events))
        assert rows[-1].summary == "the good one", f"seed {seed}"
    web.fake.live.clear()
    for one in (*events[:30], events[-1]):
        web.fake.live.append(
            {"agent": "alice", "id": len(web.fake.live) + 1, "at": "2030-01-31T09:00:00.000Z", "event": one}
        )
    began = time.monotonic()
    page = web.site.get("/agent/alice/")
    assert (page.status, "the good one" in page.text) == (200, True), f"seed {seed}"
    assert time.monotonic() - began < PAGE_SECONDS, f"seed {seed}"
    assert not [record for record in caplog.records if record.levelname == "ERROR"], f"seed {seed}"


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "turn_start", "from": "x", "body": "", "unread": "many", "message_ids": []},
        {"kind": "stream", "message": {"type": "result", "duration_ms": "long"}},
        {"kind": "stream", "message": {"type": "result", "usage": {"output_tokens": [1]}}},
        sample_rows.call("Read", file_path="/x", offset="ten", limit=[1]),
        sample_rows.call("MultiEdit", file_path="/x", edits=7),
        sample_rows.call("TodoWrite", todos=True),
    ],
    ids=["unread", "duration", "tokens", "offset", "edits", "todos"],
)
def test_a_figure_that_is_none_is_shown_as_it_came(event):
    good = {"kind": "note", "class": "harness", "text": "good"}
    odd, after = turn_log.rows([{"id": 1, "at": "", "event": event}, {"id": 2, "at": "", "event": good}])
    assert (odd.label, after.summary) == ("not understood", "good")
    assert str(event["kind"]) in odd.summary + str(odd.body)


LINES = "\n".join(str(number) for number in range(20_000))
SPREAD = "\n".join(f"{number}\ny{number}" for number in range(12_000))


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("Edit", {"old_string": LINES, "new_string": SPREAD}),
        ("MultiEdit", {"edits": [{"old_string": LINES[:900], "new_string": SPREAD[:900]}] * 200}),
        ("MultiEdit", {"edits": [{"old_string": LINES, "new_string": SPREAD}]}),
    ],
)
def test_an_edit_that_is_costly_to_compare_is_shown_at_once(tool, arguments):
    began = time.monotonic()
    call = describe(tool, {"file_path": "/x", **arguments})
    assert time.monotonic() - began < 1.0
    edits = arguments.get("edits", [arguments])
    assert len(call.body) <= sum(len(text.splitlines()) + 1 for edit in edits for text in edit.values())


def test_a_message_of_very_many_blocks_is_counted_and_not_drawn():
    message = {"type": "assistant", "message": {"content": [0] * 80_000}}
    rows = turn_log.rows([{"id": 1, "at": "", "event": {"kind": "stream", "message": message}}])
    assert len(rows) == turn_log.MAX_BLOCKS + 1
    assert rows[-1].summary == f"… {80_000 - turn_log.MAX_BLOCKS} more blocks"

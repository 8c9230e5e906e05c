"""The words of an agent never become markup, a script, or a link to anything but http."""

import html
import re
from html.parser import HTMLParser

import pytest

from harness.wire import times
from harness.wire.operator_rows import AgentRow, OperatorEvent, TreeNode
from tests.web import sample_rows
from tests.web.answers.decisions import poison as poison_decisions
from web.presentation import links
from web.templating import FOLDER, Markup, Templates

pytestmark = pytest.mark.slow  # each of them renders every page

CORPUS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></title></style><svg onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a> javascript:alert(1) data:text/html,<b>",
    "{{!1}} % end \\\\ <%= x %> ${x}",
    "<hx-partial hx-target='#main'>x</hx-partial> <b hx-get='/destroy/alice' hx-trigger='load'>x</b>",
    "https://example.org/?a=1&b=<script>\"'onclick=alert(1)",
    "\u202eevil\x00\x1b[31m",
    "-->]]>&lt;script&gt;",
]
PAGES = [
    "/",
    "/agent/alice/",
    "/agent/alice/?tab=journal",
    "/agent/alice/?tab=stats",
    "/actors",
    "/panel/journal/alice",
    "/agent/alice/?tab=loose",
    "/agent/alice/?tab=config",
    "/panel/config/alice",
    "/approval/1/",
    "/approval/2/?base=previous",
    "/approval/1/undo",
    "/config/alice/",
    "/config/alice/?base=main&ref=deployed/0",
    "/config/alice/?file=%22%3E%3Cscript%3E&at=%22%3E%3Cscript%3E",
    "/stats",
    "/search?q=" + "%3Cscript%3E",
]


class Reader(HTMLParser):
    """Collects everything on which a browser would act."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        names = {name for name, _ in attributes}
        if tag in ("img", "iframe", "object", "embed", "style", "base", "hx-partial") or any(
            name.startswith("on") for name in names
        ):
            self.found.append((tag, attributes))
        for name, value in attributes:
            if name in ("href", "src", "action", "hx-get", "hx-post") and not re.match(
                r"(/|#|https?://|$)", value or ""
            ):
                self.found.append((tag, name, value))
            if name == "style":
                self.found.append((tag, name, value))
        if tag == "script" and not dict(attributes).get("src", "").startswith("/static/"):
            self.found.append((tag, attributes))
        if (
            tag == "a"
            and str(dict(attributes).get("href", "")).startswith("http")
            and "noopener" not in str(dict(attributes).get("rel"))
        ):
            self.found.append((tag, attributes))


def poison(fake, evil):
    for name, row in list(fake.agents.items()):
        fake.agents[name] = row.model_copy(
            update={
                "status_text": evil,
                "note": evil,
                "active_model": evil,
                "url": evil,
                "transient": None,
                "state": evil,
                "runtime": evil,
                "deployed_sha": evil,
            }
        )
    fake.agents["evil"] = AgentRow(
        name=evil,
        running=True,
        failed=True,
        note=evil,
        last_turn={"ended_at": "2026-01-01T00:00:00.000Z", "outcome": evil},
    )
    fake.say("alice", "operator", evil)
    fake.say(evil, evil, evil)
    fake.say("system", "manager", '{"event": ' + repr(evil).replace("'", '"') + "}", kind="event")
    fake.journals["alice"] = [evil]
    fake.tree = TreeNode(
        name=evil,
        kind="actor",
        state=evil,
        last_error=evil,
        current=evil,
        busy_seconds=1,
        children=[TreeNode(name=evil, kind="actor", state=evil)],
    )
    for turn in fake.turns:
        turn.stats.update(outcome=evil, wake_from=evil, tools={evil: 1})
    poison_decisions(fake.decisions, evil)
    for event in (
        {"kind": "turn_start", "from": evil, "body": evil, "unread": 0, "message_ids": []},
        sample_rows.text(evil),
        sample_rows.call(evil, x=evil),
        sample_rows.call("Bash", command=evil, description=evil),
        sample_rows.call("Edit", file_path=evil, old_string=evil, new_string=evil + "!"),
        sample_rows.call("mcp__hive__send", to=evil, body=evil),
        sample_rows.result(evil),
        {"kind": "note", "class": "stderr", "text": evil},
        {"kind": evil},
        {"kind": "turn_end", "ok": False, "outcome": evil, "note": evil},
    ):
        fake.happen("alice", event)


@pytest.mark.parametrize("evil", CORPUS)
def test_the_words_of_an_agent_are_text_on_every_page(site, app, fake, evil):
    poison(fake, evil)
    notice = {"level": evil, "text": evil, "agent": evil}
    app.notices.event(OperatorEvent(seq=1, at=times.from_ms(fake.now_ms()), kind="notice", data=notice))
    for path in PAGES:
        answer = site.get(path)
        assert answer.status == 200, path
        reader = Reader()
        reader.feed(answer.text)
        assert reader.found == [], path
    assert html.escape(evil.splitlines()[0])[:20] in site.get("/").text.replace("&#039;", "&#x27;")


def test_the_input_of_a_browser_is_text_on_every_page(site, stranger):
    evil = '"><script>alert(1)</script>'
    for path in (
        "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/login?next=%22%3E%3Cscript%3E",
        "/agent/%22%3E%3Cscript%3E/",
        "/?sort=%22%3E%3Cscript%3E",
        "/nowhere/%3Cscript%3E",
    ):
        assert "<script>" not in site.get(path).text
    assert evil not in site.post("/op-send", {"to": evil, "body": "x"}, headers={"HX-Request": "true"}).text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("see https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&c=2"]),
        ("(http://x.y/z)", ["http://x.y/z"]),
        ("javascript:alert(1) data:x ftp://x vbscript:x file:///etc/passwd //x.y", []),
        ("https:// http://", []),
        ("HTTPS://EXAMPLE.ORG <https://a.b>", ["HTTPS://EXAMPLE.ORG", "https://a.b"]),
        ("xhttps://a.b/", ["https://a.b/"]),
    ],
)
def test_only_http_addresses_become_links_and_no_letter_is_lost(words, expected):
    segments = links.segments(words)
    assert [segment.href for segment in segments if segment.href] == expected
    assert "".join(segment.text for segment in segments) == words


def test_only_markup_enters_a_template_unescaped(tmp_path):
    (tmp_path / "t.html").write_text("{{value}}|{{!value}}")
    templates = Templates(tmp_path)
    with pytest.raises(TypeError, match="only markup"):
        templates.render("t", value="<b>")
    assert templates.render("t", value=Markup("<b>")) == "&lt;b&gt;|<b>"


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.html")), ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_templates_have_no_inline_script_style_or_handler(path):
    source = path.read_text()
    assert not re.search(r"\son[a-z]+=", source)
    assert not re.search(r"\sstyle\s*=|<style", source)
    assert not re.search(r"<script(?![^>]*src=)", source)
    assert not re.search(r"hx-on|\bjs:|javascript:", source)
    assert not re.search(r"=\{\{", source), "an attribute without quotes"


def test_own_scripts_evaluate_and_write_no_markup():
    scripts = [*(FOLDER.parent / "static/js").glob("*.js")]
    assert len(scripts) > 10
    for path in scripts:
        assert not re.search(
            r"innerHTML(?!\")|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
        ), path.name

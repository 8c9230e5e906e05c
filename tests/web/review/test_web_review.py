"""What is noted on a review, as the page shows and sends it: comments at their lines, viewed files, the decision."""

import re

import pytest

from tests.web.answers import decisions as fake_decisions
from tests.web.browserless import TOKEN
from tests.web.test_web_pages import HTMX

PENDING, DENIED = 4, 2
EVIL = "<img src=x onerror=alert(1)>\u202e"


def panel(site, number=PENDING, **query):
    words = "&".join(f"{key}={value}" for key, value in query.items())
    return site.get(f"/approval/{number}/?{words}", headers=HTMX).text


def content_of(fake, path, number=PENDING):
    return next(
        one.content for one in fake_decisions.files_of(fake.decisions.diffs[number, "running"]) if one.path == path
    )


@pytest.mark.parametrize("view", ["unified", "split"])
def test_a_comment_stands_below_its_line_and_elsewhere_where_it_has_none(site, fake, view):
    notes = fake.decisions.comments
    notes.add(PENDING, text="new words", line=2)
    notes.add(PENDING, text="old words", line=2, side="old")
    notes.add(PENDING, text="far away", line=90)
    notes.add(PENDING, text="of a file that does not differ", path="other.md")
    notes.add(PENDING, text="its line went", outdated=True)
    shown = panel(site, view=view)
    for words, line in (("new words", "ripgrep"), ("old words", "packages = []")):
        before = shown[: shown.index(words)]
        assert (
            line in re.sub(r"<[^>]+>", "", before.rsplit('<tr class="noted">', 1)[0].rsplit("<tr", 1)[1])
            or view == "split"
        )
    rest = shown.partition('id="review-4-file-0"')[2].partition('<div class="lines"')[0]
    assert "far away" in rest
    assert "outdated" in rest
    assert "of a file that does not differ" in shown.partition('class="elsewhere"')[2]
    assert "5 comments go with your decision" in shown
    assert shown.count('class="comment draft"') == 5


def test_what_was_said_of_the_proposal_before_names_it_and_is_no_draft(site, fake):
    row = fake.decisions.comments
    row.add(DENIED, text="as last time", state="sent")
    row.earlier[PENDING] = [row.rows.pop(1)]
    shown = panel(site)
    assert 'said of <a href="/approval/2/">#2</a>' in shown
    assert "go with your decision" not in shown
    assert "/drop-comment/" not in shown


def test_the_field_for_a_comment_is_open_where_the_address_says(site, fake):
    content = content_of(fake, "agent.toml")
    shown = panel(site, on=content, side="new", line=2)
    assert 'name="path" value="agent.toml"' in shown
    assert 'name="line" value="2"' in shown
    assert shown.index("ripgrep") < shown.index("data-write ") < shown.index("# searches /shared")
    whole = panel(site, on=content)
    assert 'name="line" value=""' in whole
    assert "data-write " not in panel(site, on="ffff", line=2)
    assert "data-write " in panel(site, on=content, line=99_999), "a line that is not shown: above the lines"
    assert site.get(f"/approval/4/?on={content}&line=x").status == 200
    assert "a whole number" in site.get(f"/approval/4/?on={content}&line=x").text


@pytest.mark.parametrize(
    ("path", "form", "asked"),
    [
        ("/comment/4", {"source": "config", "path": "agent.toml", "side": "old", "line": "2", "text": "a\r\nb"},
         {"cmd": "comment", "id": 4, "base": "running", "comment": {"source": "config", "path": "agent.toml", "side": "old", "line": 2, "text": "a\nb"}}),
        ("/comment/4", {"path": "agent.toml", "line": "", "text": "x", "base": "previous"},
         {"cmd": "comment", "id": 4, "base": "previous", "comment": {"source": "config", "path": "agent.toml", "side": "new", "text": "x"}}),
        ("/edit-comment/4", {"comment": "1", "text": "y"}, {"cmd": "edit_comment", "id": 4, "comment_id": 1, "text": "y"}),
        ("/drop-comment/4", {"comment": "1"}, {"cmd": "drop_comment", "id": 4, "comment_id": 1}),
        ("/mark-viewed/4", {"content": "ab12", "viewed": "1"}, {"cmd": "mark_viewed", "id": 4, "content": "ab12", "viewed": True}),
        ("/mark-viewed/4", {"content": "ab12", "viewed": ""}, {"cmd": "mark_viewed", "id": 4, "content": "ab12", "viewed": False}),
    ],
)  # fmt: skip
def test_a_note_becomes_one_request(site, fake, path, form, asked):
    fake.decisions.comments.add(PENDING)
    answer = site.post(path, form, headers=HTMX)
    assert answer.status == 200, answer.text
    assert fake.asked[-1] == asked


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/comment/4", {"path": "agent.toml", "line": "-1", "text": "x"}),
        ("/comment/4", {"path": "agent.toml", "line": "9" * 30, "text": "x"}),
        ("/comment/4", {"path": "", "line": "1", "text": "x"}),
        ("/comment/4", {"path": "agent.toml", "line": "1", "text": " "}),
        ("/comment/4", {"path": "agent.toml", "line": "1", "text": "x" * 5000}),
        ("/comment/4", {"path": "agent.toml", "line": "1", "side": "both", "text": "x"}),
        ("/comment/4", {"path": "agent.toml", "line": "1", "source": "/etc", "text": "x"}),
        ("/comment/4", {"path": "agent.toml", "text": "x", "base": "never"}),
        ("/edit-comment/4", {"comment": "x", "text": "y"}),
        ("/edit-comment/4", {"comment": "1", "text": ""}),
        ("/mark-viewed/4", {"content": "../..", "viewed": "1"}),
    ],
)
def test_rubbish_is_refused_before_the_daemon_is_asked(site, fake, path, form):
    fake.decisions.comments.add(PENDING)
    fake.asked.clear()
    answer = site.post(path, form, headers=HTMX)
    assert answer.status == 400
    assert [one for one in fake.asked if "comment" in one["cmd"] or one["cmd"] == "mark_viewed"] == []


def test_a_note_needs_the_token_of_the_session(site, fake):
    for path in ("/comment/4", "/edit-comment/4", "/drop-comment/4", "/mark-viewed/4"):
        assert site.post(path, {"path": "agent.toml", "text": "x"}, csrf="0" * 64, headers=HTMX).status == 403
    assert fake.decisions.comments.rows == {}


def test_without_scripts_a_comment_is_kept_by_a_plain_form(site, fake):
    form = {"path": "agent.toml", "source": "config", "side": "new", "line": "2", "text": "plain"}
    answer = site.post("/comment/4", form)
    assert (answer.status, dict(answer.pairs)["Location"]) == (303, "/approval/4/#comment-1")
    page = site.get("/approval/4/").text
    assert 'id="comment-1"' in page
    assert 'method="get" action="/approval/4/"' in page


def test_a_viewed_file_is_folded_until_its_change_is_another(site, fake):
    fake.decisions.comments.viewed[PENDING] = {content_of(fake, "role.md")}
    folded = r'<details class="file" id="review-4-file-\d" data-file data-content="\w+" >'
    assert len(re.findall(folded, panel(site))) == 1
    fake.decisions.diffs[PENDING, "running"] = fake.decisions.diffs[PENDING, "running"].replace("role.md", "rule.md")
    fake.emit("approval", fake.decisions.approvals[PENDING].as_frame())
    site.post("/withdraw/99", headers=HTMX)
    assert re.findall(folded, panel(site)) == []


def test_the_decision_is_on_the_review_with_who_when_and_why(site, fake):
    fake.decisions.comments.add(PENDING)
    site.post("/approve/4", {"note": "as we said"}, headers=HTMX)
    shown = panel(site)
    assert re.search(r'class="decided"><b>approved</b> by operator \(uid 7, session \d+\), <time', shown)
    assert "as we said" in shown
    assert 'class="comment sent"' in shown
    assert "/drop-comment/" not in shown
    assert "data-write-at" not in shown


def test_the_words_of_a_comment_are_text(site, fake):
    fake.decisions.comments.add(PENDING, text=EVIL, quoted=EVIL, path=EVIL, written_by=EVIL)
    fake.decisions.comments.add(PENDING, text=EVIL, quoted=EVIL, line=2)
    fake.decisions.comments.decided[PENDING] = {
        "verdict": EVIL,
        "decided_by": EVIL,
        "note": EVIL,
        "at": fake.decisions.ago(0),
    }
    shown = panel(site)
    assert "<img" not in shown
    assert shown.count("&lt;img") >= 6


def test_a_bearer_has_no_session_to_name(stranger, fake):
    headers = {"Authorization": f"Bearer {TOKEN}", **HTMX}
    assert stranger.post("/deny/4", {}, headers=headers).status == 200
    assert "session" not in fake.asked[-1]

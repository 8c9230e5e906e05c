"""What fails answers a browser with a page in the frame of the site, and a program with JSON."""

import json

import pytest

from harness.wire.errors import ErrorCode, HiveError
from tests.web.browserless import Browserless
from tests.web.test_web_auth import paths
from web.http.checks import MAX_BODY_BYTES
from web.http.response import STATUS
from web.refusals import FOR_PROGRAMS
from web.routes import ROUTES, Access
from web.wsgi import application

PROGRAM = {"Accept": "*/*"}
FRAME = '<nav aria-label="pages">'


def is_page(answer, status):
    return (
        answer.status == status
        and answer.headers["Content-Type"].startswith("text/html")
        and answer.text.startswith("<!doctype html>")
        and answer.text.count("<h1") == 1
    )


def is_json(answer, status):
    return answer.status == status and json.loads(answer.text)["ok"] is False


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404), ("/agent/nobody/", 404), ("/section/nowhere", 404), ("/approval/99/", 404), ("/static/0/x.css", 404), ("/restart/alice", 405),
        ("/approval/x/", 400), ("/config/alice/nothing", 404),
    ],
)  # fmt: skip
def test_an_address_that_fails_is_a_page_for_a_browser_and_json_for_a_program(site, path, status):
    page = site.get(path)
    assert is_page(page, status), page.text[:300]
    assert is_json(site.get(path, headers=PROGRAM), status)


@pytest.mark.parametrize("path", ["/nowhere", "/agent/nobody/", "/approval/99/", "/restart/alice"])
def test_the_page_of_an_error_has_the_frame_of_the_site_and_a_way_back(site, path):
    text = site.get(path, headers={"Referer": "http://hive-of-the-tests.localhost:7000/stats?hours=6"}).text
    assert FRAME in text
    assert 'href="/stats?hours=6"' in text


@pytest.mark.parametrize("path", ["/nowhere", "/restart/alice", "/static/0/x.css"])
def test_a_stranger_gets_a_page_that_shows_nothing_of_the_hive(stranger, path):
    answer = stranger.get(path)
    assert answer.text.startswith("<!doctype html>")
    assert FRAME not in answer.text
    assert "alice" not in answer.text


@pytest.fixture
def broken(app, monkeypatch):
    """A browser with a session on a site whose every page has a bug."""

    def fail(*_arguments, **_more):
        raise RuntimeError("a bug")

    routes = [(*route[:3], fail if route[2] is Access.READ else route[3]) for route in ROUTES]
    monkeypatch.setattr("web.wsgi.ROUTES", routes)
    return Browserless(application(app)).log_in()


@pytest.mark.parametrize("path", [*paths("GET", Access.READ)])
def test_every_address_with_a_bug_behind_it_answers_and_hides_the_reason(broken, path):
    page, reply = broken.get(path), broken.get(path, headers=PROGRAM)
    assert is_json(reply, 500)
    assert is_json(page, 500) if path.startswith(FOR_PROGRAMS) else is_page(page, 500)
    assert "a bug" not in page.text + reply.text


@pytest.mark.parametrize("code", ErrorCode)
def test_every_kind_of_error_is_a_page_with_its_status_and_its_way_out(site, fake, code):
    fake.refuse["kept_requests"] = HiveError(code, "the reason <b>in words</b>", "the way out")
    page = site.get("/kept-requests/alice")
    assert is_page(page, STATUS[code])
    assert FRAME in page.text
    assert "the reason &lt;b&gt;in words&lt;/b&gt;" in page.text
    assert "the way out" in page.text
    assert is_json(site.get("/kept-requests/alice", headers=PROGRAM), STATUS[code])
    assert (page.headers["Retry-After"] is not None) == (code in (ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT))


def test_a_plain_form_that_is_refused_gets_a_page_in_the_frame_that_leads_back(site):
    back = {"Referer": "http://hive-of-the-tests.localhost:7000/agent/alice/"}
    page = site.post("/restart/nobody", headers=back)
    assert is_page(page, 404)
    assert FRAME in page.text
    assert 'href="/agent/alice/"' in page.text


def test_a_form_over_the_limit_is_refused_with_a_page(site):
    over = {"Content-Length": str(MAX_BODY_BYTES + 1)}
    assert is_page(site.post("/op-send", headers=over, csrf="x"), 413)
    assert is_json(site.post("/op-send", headers=over | PROGRAM, csrf="x"), 413)


def test_a_form_of_another_session_is_refused_with_a_page(site):
    assert is_page(site.post("/preferences", {"theme": "light"}, csrf="00" * 64), 403)


def test_a_method_that_an_address_does_not_take_is_named_with_those_that_it_takes(site):
    answer = site.get("/restart/alice")
    assert answer.headers["Allow"] == "POST"
    assert "it takes POST" in answer.text


def test_a_program_without_a_session_is_told_so_and_not_sent_to_a_form(stranger):
    answer = stranger.get("/stats", headers=PROGRAM)
    assert is_json(answer, 401)
    assert stranger.get("/stats").headers["Location"].startswith("/login")


def test_a_page_that_is_loaded_while_the_daemon_is_away_says_so_and_waits_for_it(site, fake):
    fake.stop()
    page = site.get("/kept-requests/alice")
    assert is_page(page, 503)
    assert FRAME in page.text
    assert "data-reload-when-back" in page.text
    assert "the daemon is unreachable" in page.text


def test_a_browser_whose_session_nobody_can_check_gets_a_bare_page_to_try_again(app, fake, site):
    fake.stop()
    app.sessions._known.clear()
    page = site.get("/")
    assert is_page(page, 503)
    assert FRAME not in page.text
    assert "try again" in page.text


def test_when_the_frame_itself_fails_the_page_is_bare_and_the_log_says_why(site, monkeypatch, caplog):
    def broken(*_arguments):
        raise RuntimeError("a bug in the banner")

    monkeypatch.setattr("web.layout.render", broken)
    page = site.get("/nowhere")
    assert is_page(page, 404)
    assert FRAME not in page.text
    assert [record.message for record in caplog.records] == ["the frame of an error page failed path=/nowhere"]

import functools
import re

import pytest

from tests.web.browserless import NAME, TOKEN, Browserless
from web.app import WebApp
from web.daemon.sessions import KNOWN_MS
from web.http.auth import FAILURES_ALLOWED, Keyring, Throttle, digest, read_token
from web.routes import ROUTES, Access
from web.settings import WebSettings
from web.wsgi import application

VALUES = {"<name>": "alice", "<number>": "4", "<part>": "log"}


def paths(method, *access):
    """Every address of the routes with this method and access, with the names of the sample rows."""
    for verb, path, allowed, _ in ROUTES:
        if verb == method and allowed in access:
            pattern = re.search(r"<\w+:re:([a-z|-]+)>", path)
            for word in pattern[1].split("|") if pattern else [""]:
                filled = path.replace(pattern[0], word) if pattern else path
                yield functools.reduce(lambda found, pair: found.replace(*pair), VALUES.items(), filled)


PRIVATE = [*paths("GET", Access.READ)]
CHANGING = [*paths("POST", Access.ACT)]


@pytest.mark.parametrize("path", PRIVATE)
def test_nobody_sees_anything_without_a_session(stranger, path):
    answer = stranger.get(path)
    assert answer.status in (303, 401)
    assert "alice" not in answer.text or path in answer.headers.get("Location", "")


def test_a_page_without_a_session_leads_to_the_login_and_back(stranger):
    assert stranger.get("/agent/alice/").headers["Location"] == "/login?next=/agent/alice/"
    answer = stranger.open("POST", "/login", {"token": TOKEN, "next": "/agent/alice/"})
    assert (answer.status, answer.headers["Location"]) == (303, "/agent/alice/")


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/ok\r\nX: y"]
)
def test_the_way_back_never_leads_to_another_site(stranger, target):
    assert stranger.open("POST", "/login", {"token": TOKEN, "next": target}).headers["Location"] == "/"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger):
    cookie = next(
        value for name, value in stranger.open("POST", "/login", {"token": TOKEN}).pairs if name == "Set-Cookie"
    )
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie


def test_a_wrong_token_is_refused_and_opens_no_session(stranger):
    answer = stranger.open("POST", "/login", {"token": "guess"})
    assert answer.status == 403
    assert "not the token" in answer.text
    assert stranger.cookies == {}


def test_a_token_in_the_address_opens_no_session(stranger):
    assert stranger.get(f"/login?token={TOKEN}").status == 200
    assert stranger.cookies == {}


def test_wrong_tokens_are_slowed_down_and_the_right_one_always_passes(stranger):
    for _ in range(FAILURES_ALLOWED):
        assert stranger.open("POST", "/login", {"token": "guess"}).status == 403
    answer = stranger.open("POST", "/login", {"token": "guess"})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert stranger.open("POST", "/login", {"token": TOKEN}).status == 303


def test_a_bearer_passes_whatever_the_same_address_has_guessed(stranger):
    for _ in range(FAILURES_ALLOWED + 1):
        guessed = stranger.get("/api/state", headers={"Authorization": "Bearer guess"})
    assert guessed.status == 429
    assert stranger.get("/api/state", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200


def test_a_session_stays_valid_while_another_client_guesses_tokens(site, app):
    guesser = Browserless(application(app))
    for _ in range(FAILURES_ALLOWED + 1):
        guesser.open("POST", "/login", {"token": "guess"})
    assert site.get("/").status == 200


def test_the_throttle_forgets_after_its_window():
    throttle = Throttle()
    for second in range(FAILURES_ALLOWED):
        throttle.failed("a", float(second))
    assert throttle.retry_after("a", 10.0) == pytest.approx(50.0)
    assert throttle.retry_after("b", 10.0) == 0
    assert throttle.retry_after("a", 60.1) == 0


def test_a_forged_cookie_is_refused_without_asking_the_daemon(app, fake):
    keys = Keyring(TOKEN)
    cookie = keys.new_cookie()
    secret, signature = cookie.split(".")
    forged = (
        Keyring("two").new_cookie(),
        f"{secret}x.{signature}",
        f"{secret}.",
        f".{signature}",
        "",
        "..",
        "é.é",
        None,
    )
    assert [app.session(one) for one in forged] == [None] * len(forged)
    assert "check_session" not in [frame["cmd"] for frame in fake.asked]
    assert app.session(cookie) is None
    assert fake.asked[-1]["cmd"] == "check_session"


def test_the_daemon_never_gets_the_cookie(site, fake):
    opened = next(frame for frame in fake.asked if frame["cmd"] == "open_session")
    (cookie,) = site.cookies.values()
    assert opened["digest"] == digest(cookie)
    assert cookie not in str(fake.asked)


def test_a_session_survives_a_restart_of_the_web_process_and_ends_with_the_token(site, fake, app):
    (cookie,) = site.cookies.values()
    assert WebApp.build(app.settings, TOKEN).session(cookie) is not None
    assert WebApp.build(app.settings, "other").session(cookie) is None


def test_a_session_that_the_hive_has_ended_opens_nothing(site, fake, app, listener):
    (number,) = [row.id for row in fake.sessions.values()]
    assert site.get("/api/state").status == 200
    fake.end_session(number)
    listener.until(lambda: fake.seq in listener.seqs)
    assert site.get("/api/state").status == 401


def test_a_session_is_asked_for_again_after_a_while_though_no_event_came(fake, tmp_path):
    clock = [1_700_000_000_000]
    fake.now_ms = lambda: clock[0]
    settings = WebSettings(socket=fake.path, token_file=tmp_path / "token", port=7000, name=NAME)
    site = Browserless(application(WebApp.build(settings, TOKEN, lambda: clock[0]))).log_in()
    fake.sessions.clear()
    assert site.get("/api/state").status == 200
    clock[0] += KNOWN_MS
    assert site.get("/api/state").status == 401


def test_a_session_has_an_end_even_if_the_daemon_is_away(fake, tmp_path):
    clock = [1_700_000_000_000]
    fake.now_ms = lambda: clock[0]
    settings = WebSettings(socket=fake.path, token_file=tmp_path / "token", port=7000, name=NAME)
    app = WebApp.build(settings, TOKEN, lambda: clock[0])
    site = Browserless(application(app)).log_in()
    fake.stop()
    clock[0] += KNOWN_MS
    assert site.get("/keys").status == 200
    clock[0] += 3_600_000
    assert site.get("/keys").status == 303


def test_the_operator_sees_the_sessions_and_ends_one(site, app, fake):
    other = Browserless(application(app))
    other.headers["User-Agent"] = "lynx/2 <script>"
    other.log_in()
    assert "lynx/2 &lt;script&gt;" in site.get("/sessions").text
    number = max(row.id for row in fake.sessions.values())
    assert site.post(f"/end-session/{number}").headers["Location"] == "/sessions"
    assert other.get("/api/state").status == 401
    assert site.get("/api/state").status == 200


def test_a_logout_ends_the_session_for_every_copy_of_its_cookie(site, app):
    thief = Browserless(application(app))
    thief.cookies = dict(site.cookies)
    assert thief.get("/api/state").status == 200
    site.post("/logout")
    assert thief.get("/api/state").status == 401


def test_only_the_login_and_the_probes_are_open():
    assert [*paths("GET", Access.OPEN)] == ["/healthz", "/readyz", "/login"]
    assert [*paths("POST", Access.OPEN, Access.READ)] == ["/login"]


@pytest.mark.parametrize("path", CHANGING)
def test_a_post_without_a_session_does_nothing(stranger, fake, path):
    asked = len(fake.asked)
    assert stranger.open("POST", path, {"to": "plain", "csrf": "guess"}).status == 401
    assert len(fake.asked) == asked


@pytest.mark.parametrize("path", CHANGING)
def test_a_post_without_the_csrf_token_does_nothing(site, fake, path):
    asked = len(fake.asked)
    for csrf in ("", "wrong", "ü"):
        assert site.post(path, {"to": "plain"}, csrf=csrf).status == 403
    assert len(fake.asked) == asked


def test_a_bearer_may_read_and_act_without_a_cookie(stranger, fake):
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert stranger.get("/api/state", headers=bearer).status == 200
    assert stranger.open("POST", "/kick/alice", headers=bearer).status == 303
    assert fake.asked[-1] == {"cmd": "kick", "name": "alice"}
    assert stranger.get("/api/state", headers={"Authorization": "Bearer guess"}).status == 403


def test_a_logout_ends_the_session_of_the_browser(site):
    assert site.post("/logout").headers["Location"] == "/login"
    assert site.get("/api/state").status == 401


def test_a_token_file_without_a_token_ends_the_program_with_a_hint(tmp_path):
    with pytest.raises(SystemExit, match="Try:"):
        read_token(tmp_path / "absent")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(SystemExit, match="is empty"):
        read_token(tmp_path / "empty")

import functools
import re

import pytest

from tests.web.browserless import TOKEN, Browserless
from web.http.auth import FAILURES_ALLOWED, SESSION_SECONDS, Keyring, Throttle, read_token
from web.routes import ROUTES, Access
from web.wsgi import application

VALUES = {"<name>": "alice", "<number>": "4", "<part>": "log"}


def paths(method, *access):
    """Every address of the routes with this method and access, with the names of the sample rows."""
    for verb, path, allowed, _ in ROUTES:
        if verb == method and allowed in access:
            pattern = re.search(r"<verb:re:([a-z|-]+)>", path)
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


def test_after_too_many_wrong_tokens_even_the_right_one_has_to_wait(stranger):
    for _ in range(FAILURES_ALLOWED):
        assert stranger.open("POST", "/login", {"token": "guess"}).status == 403
    answer = stranger.open("POST", "/login", {"token": TOKEN})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0


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


def test_a_session_is_refused_when_forged_foreign_or_old():
    keys, now = Keyring("one"), 1_000_000
    cookie = keys.open_session(now)
    assert keys.session(cookie, now) is not None
    assert Keyring("two").session(cookie, now) is None
    assert keys.session(cookie, now + SESSION_SECONDS + 1) is None
    assert keys.session(cookie, now - 1) is None
    issued, nonce, signature = cookie.split(".")
    for forged in (
        f"{now + 5}.{nonce}.{signature}",
        f"{issued}.x.{signature}",
        f"{issued}.{nonce}.",
        "",
        "..",
        "a.b.c",
        "é.é.é",
        None,
    ):
        assert keys.session(forged, now) is None


def test_a_session_survives_a_restart_and_ends_with_the_token():
    cookie = Keyring("one").open_session(5)
    assert Keyring("one").session(cookie, 6) is not None
    assert Keyring("other").session(cookie, 6) is None


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

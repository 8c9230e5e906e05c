import pytest

from tests.web.browserless import TOKEN
from web.http.checks import MAX_BODY_BYTES, body_too_large, origin_allowed
from web.http.headers import SECURITY_HEADERS

PAGES = ["/", "/login", "/healthz", "/agent/alice/", "/api/state", "/nowhere", "/section/nowhere"]


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://localhost:7000"}, True),
        ({"Origin": "http://localhost:7001"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:7000"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_a_post_comes_from_this_site_or_from_a_program(headers, allowed):
    assert origin_allowed({"Host": "localhost:7000", **headers}) is allowed


def test_a_body_is_limited_before_it_is_read(site):
    assert body_too_large("POST", str(MAX_BODY_BYTES + 1))
    assert body_too_large("POST", "many")
    assert not body_too_large("GET", None)
    assert site.post("/op-send", headers={"Content-Length": str(MAX_BODY_BYTES + 1)}, csrf="x").status == 413


ODD_HEADERS = [
    {"Cookie": "hive_session=\xff\xfe.x"}, {"Cookie": 'hive_session="\\377\\376.\\355\\240\\200"'}, {"Cookie": "hive_session=" + "a." * 10_000},
    {"Cookie": "hive_theme=\xff; hive_seen=\xff; hive_noticed=" + "9" * 5_000}, {"Authorization": "Bearer \xff"}, {"Authorization": "Bearer " + "x" * 60_000},
    {"Referer": "http://[::1"}, {"Referer": "http://\xff/"}, {"Origin": "http://[x"}, {"Host": "[::1"}, {"Host": "\xff"}, {"Last-Event-ID": "\xff"},
    {"User-Agent": "\xff\x00"}, {"X-CSRF-Token": "\xff"}, {"HX-Request": "\xff"}, {"Sec-Fetch-Site": "\xff"},
]  # fmt: skip
ODD_FORMS = [
    b"token=%FF%FE", b"token=%ED%A0%80", b"token=\xff\xfe", b"token=%00", b"%ED%A0%80=1&token=x", b"a=1&" * 5_000 + b"token=x", b"token=x&next=%ED%A0%80",
    b"\x00\xff&&==&token",
]  # fmt: skip


@pytest.mark.parametrize("headers", ODD_HEADERS, ids=ascii)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("POST", "/login"), ("POST", "/op-send"), ("GET", "/events"), ("GET", "/api/state"),
     ("GET", "/\xff\xfe"), ("GET", "/login?next=%ED%A0%80&x=%ff")],
)  # fmt: skip
def test_no_header_of_a_stranger_makes_a_page_fail_and_fills_the_log(stranger, caplog, headers, method, path):
    response = stranger.open(method, path, {"token": "x"} if method == "POST" else None, headers=headers)
    assert response.status < 500
    assert caplog.records == []


@pytest.mark.parametrize("body", ODD_FORMS, ids=lambda body: ascii(body[:20]))
def test_no_form_of_a_stranger_makes_a_page_fail_and_fills_the_log(stranger, caplog, body):
    assert stranger.open("POST", "/login", body=body).status in (400, 403, 413)
    assert caplog.records == []


def test_a_cookie_that_another_port_has_set_does_not_close_the_login(stranger):
    stranger.cookies["theirs"] = "\xff"
    assert stranger.log_in().get("/").status == 200


@pytest.mark.parametrize("path", PAGES)
def test_every_response_has_the_strict_policy_and_is_not_stored(site, path):
    headers = site.get(path).headers
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_a_foreign_host_name_is_refused(site, path):
    answer = site.get(path, headers={"Host": "evil.example"})
    assert answer.status in (403, 404)
    assert "alice" not in answer.text


def test_a_post_from_another_site_does_nothing_even_with_cookie_and_token(site, fake):
    csrf, asked = site.csrf, len(fake.asked)
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert site.post("/restart/alice", csrf=csrf, headers=headers).status == 403
    assert len(fake.asked) == asked


def test_another_site_cannot_read_the_stream(site):
    assert site.get("/events", headers={"Origin": "http://evil.example"}).status == 403


def test_a_login_from_another_site_is_refused(stranger):
    assert stranger.open("POST", "/login", {"token": TOKEN}, headers={"Origin": "http://evil.example"}).status == 403
    assert stranger.cookies == {}


def test_forms_that_are_not_urlencoded_are_refused(site):
    answer = site.open(
        "POST", "/op-send", body=b"{}", content_type="application/json", headers={"X-CSRF-Token": site.csrf}
    )
    assert answer.status == 400
    assert "urlencoded" in answer.text


def test_static_files_are_hashed_and_immutable_and_no_other_file_is_served(site, app):
    url = app.assets.url("css/tokens.css")
    answer = site.get(url)
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert app.assets.digest in site.get("/").text
    for path in (
        "/static/0000/css/tokens.css",
        f"/static/{app.assets.digest}/../app.py",
        f"/static/{app.assets.digest}/../../pyproject.toml",
        f"/static/{app.assets.digest}/",
    ):
        assert site.get(path).status == 404


def test_a_refusal_by_the_router_is_json_for_a_program(site):
    answer = site.get("/restart/alice", headers={"Accept": "*/*"})
    assert answer.status == 405
    assert '"ok": false' in answer.text

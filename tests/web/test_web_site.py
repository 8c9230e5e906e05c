"""Sessions exist only under names whose cookies no other program receives."""

import pytest

from tests.web.browserless import NAME, TOKEN, Browserless
from web.app import WebApp
from web.http.site import NameKind, Site, random_name, without_name
from web.settings import WebSettings
from web.wsgi import application

OWN, TLS, LOOPBACK, PLAIN = NameKind.OWN, NameKind.TLS, NameKind.LOOPBACK, NameKind.PLAIN


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (NAME, OWN), (f"{NAME}:7000", OWN), (f"{NAME.upper()}:1", OWN), ("hive.lan", TLS), ("HIVE.lan:443", TLS),
        ("localhost", LOOPBACK), ("localhost:7000", LOOPBACK), ("LOCALHOST:1", LOOPBACK), ("127.0.0.1:7000", LOOPBACK), ("[::1]:7000", LOOPBACK),
        ("192.168.1.5:7000", PLAIN), ("evil.example", None), ("localhost.evil.example", None), ("127.0.0.1.nip.io", None), ("", None), (None, None),
        ("[::2]:7000", None), (f"x.{NAME}", None), (f"{NAME}.evil.example", None), ("hive-other.localhost", None), ("0.0.0.0", None),
    ],
)  # fmt: skip
def test_a_name_is_good_for_what_its_cookies_are_worth(header, kind):
    assert Site.of(NAME, "192.168.1.5", ["hive.lan"]).kind(header) is kind


def test_a_wildcard_address_does_not_allow_every_name():
    assert Site.of(NAME, "0.0.0.0", []).kind("0.0.0.0:7000") is None
    assert Site.of(NAME, "fe80::1", []).kind("[fe80::1]:7000") is PLAIN


def test_an_own_name_is_different_each_time_and_a_valid_host_name():
    assert random_name() != random_name()
    assert random_name().removesuffix(".localhost").replace("-", "").isalnum()
    assert len(random_name().split(".")[0]) <= 63


@pytest.fixture
def visitor(app):
    """A browser that came by another name of this machine."""

    def make(host):
        found = Browserless(application(app))
        found.headers |= {"Host": host}
        return found

    return make


@pytest.mark.parametrize("host", ["localhost:7000", "127.0.0.1:7000", "[::1]:7000"])
def test_the_right_token_under_a_name_of_loopback_leads_to_the_own_name_and_sets_no_cookie(visitor, host):
    browser = visitor(host)
    answer = browser.open("POST", "/login", {"token": TOKEN, "next": "/actors"})
    assert f'href="http://{NAME}:7000/login?next=%2Factors#token={TOKEN}"' in answer.text
    assert browser.cookies == {}


@pytest.mark.parametrize("host", ["localhost:7000", "127.0.0.1:7000", "[::1]:7000"])
def test_the_own_name_is_told_to_nobody_without_the_token(visitor, host):
    browser = visitor(host)
    for path in ("/", "/login", "/healthz", "/nowhere", "/api/state", "/events", "/sessions"):
        answer = browser.get(path)
        assert NAME not in answer.text + str(answer.pairs)
    answer = browser.open("POST", "/login", {"token": "guess"})
    assert NAME not in answer.text + str(answer.pairs)


@pytest.mark.parametrize("host", ["localhost:7000", "127.0.0.1:7000", "[::1]:7000"])
def test_a_session_cookie_is_worth_nothing_under_a_name_of_loopback(site, visitor, host):
    thief = visitor(host)
    thief.cookies = dict(site.cookies)
    assert thief.get("/api/state").status == 401
    assert thief.get("/").status == 303


def test_a_login_without_tls_on_a_name_of_the_network_is_refused_with_a_way_out(fake, tmp_path):
    settings = WebSettings(socket=fake.path, token_file=tmp_path / "t", port=7000, host="192.168.1.5", name=NAME)
    browser = Browserless(application(WebApp.build(settings, TOKEN)))
    browser.headers |= {"Host": "192.168.1.5:7000"}
    for answer in (browser.get("/login"), browser.open("POST", "/login", {"token": TOKEN})):
        assert answer.status == 403
        assert "TLS" in answer.text
        assert NAME not in answer.text
    assert browser.cookies == {}
    assert browser.get("/api/state", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200


def test_a_session_behind_tls_has_a_cookie_that_other_ports_and_plain_http_do_not_get(fake, tmp_path):
    settings = WebSettings(
        socket=fake.path, token_file=tmp_path / "t", port=7000, allowed_hosts=("hive.example.org",), name=NAME
    )
    browser = Browserless(application(WebApp.build(settings, TOKEN)))
    browser.headers |= {"Host": "hive.example.org"}
    answer = browser.open("POST", "/login", {"token": TOKEN})
    cookie = dict(answer.pairs)["Set-Cookie"]
    assert cookie.startswith("__Host-hive_session=")
    for attribute in ("; Secure", "; Path=/", "; HttpOnly", "; SameSite=strict"):
        assert attribute.lower() in cookie.lower()
    assert "domain" not in cookie.lower()
    assert browser.get("/api/state").status == 200


def test_what_the_operator_writes_never_tells_an_agent_the_own_name(site, fake):
    body = f"look at http://{NAME}:7000/agent/alice/ and http://{NAME.upper()}/"
    assert site.post("/op-send", {"to": "alice", "body": body}).status == 303
    assert NAME not in str(fake.asked).lower()
    assert fake.asked[-1]["body"] == "look at http://localhost:7000/agent/alice/ and http://localhost/"


def test_a_text_without_the_name_stays_as_it_is():
    names = Site.of(NAME, "127.0.0.1", [])
    assert without_name(names, "Grüße\n& more") == "Grüße\n& more"

"""Answers are compressed where that is worth it, and never so that their length tells a secret."""

import gzip
import json

import pytest

from tests.web.browserless import NAME, TOKEN, Browserless
from web.http import compression
from web.http.assets import Assets
from web.http.auth import csrf_matches, masked
from web.wsgi import application

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
SECRET = "0f" * 32


def sent(site, path, accepts="gzip, deflate, br", method="GET", form=None, **headers):
    """An answer with its bytes as they travel."""
    answer = site.open(method, path, form, headers={"Accept-Encoding": accepts, **headers}, decode=False)
    return answer, b"".join(answer.body)


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True), ("gzip, deflate, br, zstd", True), ("GZIP", True), ("*", True), ("br;q=1.0, gzip;q=0.5", True), ("x-gzip", True), ("gzip ; q=0.001", True),
        (None, False), ("", False), ("identity", False), ("br", False), ("gzip;q=0", False), ("gzip;q=0, *", False), ("*;q=0", False), ("gzip;q=x", False), ("gzipped", False),
    ],
)  # fmt: skip
def test_a_client_gets_gzip_only_when_it_says_that_it_takes_it(header, taken):
    assert compression.accepts_gzip(header) is taken


@pytest.mark.parametrize("path", ["/", "/agent/alice/", "/stats", "/api/state", "/section/containers"])
def test_a_page_is_a_fraction_of_its_size_and_unpacks_to_itself(site, path):
    answer, body = sent(site, path)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(body)
    whole = gzip.decompress(body)
    assert len(body) < len(whole) / 2
    plain, as_it_is = sent(site, path, "identity")
    assert plain.headers["Content-Encoding"] is None
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert len(as_it_is) == pytest.approx(len(whole), rel=0.1)
    assert json.loads(whole) if path.startswith("/api") else whole.startswith(b"<")


def test_a_short_answer_stays_as_it_is_and_still_names_what_it_varies_by(site):
    answer, body = sent(site, "/healthz")
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (None, "Accept-Encoding")
    assert body == b"ok\n"


def test_the_live_stream_is_never_compressed_so_that_every_event_leaves_at_once(site):
    answer = site.get("/events", headers=GZIP)
    assert answer.headers["Content-Encoding"] is None
    answer.body.close()


def test_every_asset_is_packed_once_at_the_start_and_unpacks_to_its_file(site):
    assets = Assets()
    for name in ("css/base.css", "js/live.js", "vendor/htmx.min.js"):
        if not assets.has(name):
            continue
        answer, body = sent(site, assets.url(name))
        asset = assets.find(assets.digest, name)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert body == asset.packed
        assert gzip.decompress(body) == asset.body
        assert sent(site, assets.url(name), "identity")[1] == asset.body


def test_the_token_of_forms_is_another_text_in_every_answer_and_stays_good(site):
    seen = {site.csrf for _ in range(5)}
    assert len(seen) == 5
    assert all(site.post("/preferences", {"theme": "dark"}, csrf=token).status == 303 for token in seen)


def test_one_answer_has_one_token_so_that_its_forms_pack_well(site):
    page = site.get("/").text
    assert page.count('name="csrf"') > 10
    assert len({part.partition('"')[0] for part in page.split('name="csrf" value="')[1:]}) == 1


def test_a_mask_hides_the_token_and_two_masks_of_one_token_match():
    one, other = masked(SECRET), masked(SECRET)
    assert one != other
    assert SECRET not in one + other
    assert csrf_matches(one, other)
    assert not csrf_matches(one, masked("f0" * 32))


@pytest.mark.parametrize("given", ["", "0", "00", "x" * 128, SECRET, "00" * 64, "ü", "0" * 129, " "])
def test_what_is_no_masked_token_of_the_session_matches_nothing(given):
    assert not csrf_matches(given, masked(SECRET))


def test_a_forged_token_of_the_right_form_is_refused(site):
    assert site.post("/preferences", {"theme": "light"}, csrf=masked(SECRET)).status == 403


def test_the_answer_that_holds_the_operators_token_is_not_compressed(app):
    """It repeats the address that is asked for, beside the token: its length would tell the token letter by letter."""
    browser = Browserless(application(app))
    browser.headers = {"Host": "127.0.0.1:7000"}
    answer, body = sent(browser, "/login", method="POST", form={"token": TOKEN, "next": "/actors?x=" + "y" * 2000})
    assert TOKEN.encode() in body
    assert NAME.encode() in body
    assert answer.headers["Content-Encoding"] is None

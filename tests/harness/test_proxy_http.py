"""How the proxy reads HTTP: what two programs could read in two ways is refused; no byte of a body is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.proxy.bodies import Chunks
from harness.proxy.errors import BadRequestError
from harness.proxy.heads import parse_request
from harness.proxy.model import is_needed

FIRST = b"POST /v1/messages HTTP/1.1\r\n"


def head(*lines):
    return parse_request(FIRST + b"".join(line + b"\r\n" for line in lines) + b"\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"G@T / HTTP/1.1\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\n\r\n",
        FIRST + b"no colon\r\n\r\n",
        FIRST + b"name : value\r\n\r\n",
        FIRST + b" folded: value\r\n\r\n",
        FIRST + b"a: b\nc: d\r\n\r\n",
        FIRST + b"a: b\rc: d\r\n\r\n",
        FIRST + b"a: b\0\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(raw):
    with pytest.raises(BadRequestError):
        parse_request(raw)


@pytest.mark.parametrize(
    "lines",
    [
        (b"Transfer-Encoding: chunked", b"Content-Length: 3"),
        (b"Transfer-Encoding: gzip, chunked",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: xchunked",),
    ],
)
def test_a_body_with_two_ends_is_refused(lines):
    with pytest.raises(BadRequestError):
        _ = head(*lines).is_chunked


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 3", b"Content-Length: 4"),
        (b"Content-Length: +3",),
        (b"Content-Length: 3, 3",),
        (b"Content-Length: 0x3",),
    ],
)
def test_a_body_with_two_lengths_is_refused(lines):
    with pytest.raises(BadRequestError):
        _ = head(*lines).length


def test_headers_for_the_proxy_alone_do_not_go_on():
    kept = head(
        b"Connection: close, X-Hop",
        b"X-Hop: 1",
        b"Proxy-Authorization: x",
        b"TE: trailers",
        b"Upgrade: h2c",
        b"Accept: a",
    ).end_to_end()
    assert kept == [("Accept", "a")]


@pytest.mark.slow
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.binary(max_size=20), st.data())
def test_the_end_of_chunks_is_found_however_they_are_cut(chunks, after, data):
    body = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\nTrailer: x\r\n\r\n"
    whole, counter, used = body + after, Chunks(), 0
    while not counter.done:
        step = data.draw(st.integers(1, max(1, len(whole) - used)))
        used += counter.feed(whole[used : used + step])
    assert used == len(body)


@pytest.mark.parametrize("raw", [b"zz\r\n", b"\r\n", b"-1\r\n", b"5\n", b"f" * 16 + b"\r\n", b"1" * 300, b"0x5\r\n"])
def test_what_is_no_chunk_is_refused(raw):
    with pytest.raises(BadRequestError):
        Chunks().feed(raw)


def test_of_the_api_agents_get_what_claude_needs():
    assert is_needed("POST", "/v1/messages?beta=true")
    assert is_needed("POST", "/v1/messages/count_tokens")
    assert is_needed("HEAD", "/")
    assert is_needed("GET", "/v1/models/claude-x")
    for method, target in [
        ("GET", "/v1/messages"),
        ("POST", "/v1/messages/batches"),
        ("GET", "/v1/files"),
        ("DELETE", "/v1/models/x"),
        ("GET", "/v1/organizations/api_keys"),
        ("POST", "/v1/messages/../files"),
        ("POST", "/v1/messages%2f..%2ffiles"),
        ("POST", "//v1/messages"),
    ]:
        assert not is_needed(method, target), target

"""The daemon's fast codec says what the shared one says, of any bytes and any frame."""

import json
import random

import pytest

from actors import frames
from harness.wire import framing
from harness.wire.errors import HiveError

ODD_LINES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b"{",
    b"\xff{}",
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":1e999}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\ud83d\\ude00"}',
    b'{"a":"\x01"}',
    b'{"a":1,"a":2}',
    b'{"a":123456789012345678901234567890}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
    b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b' {"a":1} ',
    b"\xef\xbb\xbf{}",
    b'{"a":1}x',
]

ODD_FRAMES = [
    {"a": float("nan")},
    {"a": [float("inf")]},
    {"a": "\ud800"},
    {"\udfff": 1},
    {"a": '\x1b\x7f\u0085\u2028é😀"\\/'},
    {"a": 2**200},
    {"a": -0.0, "b": 1e300, "c": True, "d": None},
]


def outcome(call, argument):
    try:
        return repr(call(argument))  # NaN is not equal to itself
    except HiveError as error:
        return error.code, error.message


@pytest.mark.parametrize("line", ODD_LINES, ids=lambda line: repr(line[:20]))
def test_an_odd_line_is_read_or_refused_as_by_the_shared_codec(line):
    assert outcome(frames.decode, line) == outcome(framing.decode, line)


@pytest.mark.parametrize("frame", ODD_FRAMES, ids=ascii)
def test_an_odd_frame_reads_back_as_what_the_shared_codec_writes(frame):
    assert json.loads(frames.encode(frame)) == json.loads(framing.encode(frame))


def test_a_deep_frame_is_cut_and_not_lost():
    deep = {}
    inner = deep
    for _ in range(5000):
        inner["a"] = {}
        inner = inner["a"]
    assert frames.encode(deep).endswith(b"\n")


def test_a_frame_over_the_limit_is_refused_and_one_at_the_limit_is_not():
    around = len(frames.encode({"a": ""})) - 1
    assert len(frames.encode({"a": "x" * (framing.MAX_FRAME_BYTES - around)})) == framing.MAX_FRAME_BYTES + 1
    with pytest.raises(HiveError, match="a frame is at most"):
        frames.encode({"a": "x" * (framing.MAX_FRAME_BYTES - around + 1)})


def test_damaged_lines_get_the_same_answer_from_both():
    source = random.Random(7)
    whole = framing.encode({"cmd": "send", "to": "bob", "body": "naïve “quotes” \\ \n 😀", "n": [1, -2.5, None, True]})
    for _ in range(2000):
        line = bytearray(whole[:-1])
        for _ in range(source.randint(1, 3)):
            line[source.randrange(len(line))] = source.randrange(256)
        one, other = outcome(frames.decode, bytes(line)), outcome(framing.decode, bytes(line))
        assert one == other, bytes(line)

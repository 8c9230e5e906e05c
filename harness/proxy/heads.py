"""The head of an HTTP/1.1 message: parsed strictly, written anew. Pure.

What two programs could read in two ways is refused, so that no request hides in the body of another one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.proxy.errors import BadRequestError

HEAD_BYTES = 64 * 1024
HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"[!-~]+")
_LENGTH = re.compile(r"[0-9]{1,15}")

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Head:
    """`first` are the three words of the first line; the names of headers keep their spelling."""

    first: tuple[str, str, str]
    headers: Headers

    def values(self, name: str) -> list[str]:
        """Every value of a header, by its name in lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks. BadRequestError for any other coding, and for a length beside it."""
        codings = self.values("transfer-encoding")
        if not codings:
            return False
        if [coding.lower() for coding in codings] != ["chunked"] or self.values("content-length"):
            raise BadRequestError("that body has no certain end")
        return True

    @property
    def length(self) -> int | None:
        """Bytes of the body, None where the head does not say."""
        lengths = set(self.values("content-length"))
        if not lengths:
            return None
        if len(lengths) > 1 or not _LENGTH.fullmatch(length := lengths.pop()):
            raise BadRequestError("that body has no certain length")
        return int(length)

    @property
    def keeps_alive(self) -> bool:
        """Whether the sender takes another message on the same connection."""
        words = {word.strip().lower() for value in self.values("connection") for word in value.split(",")}
        return "close" not in words and ("HTTP/1.1" in self.first or "keep-alive" in words)

    def end_to_end(self) -> Headers:
        """The headers that are meant for the other end of the proxy."""
        named = {word.strip().lower() for value in self.values("connection") for word in value.split(",")}
        dropped = HOP_BY_HOP | named
        return [(name, value) for name, value in self.headers if name.lower() not in dropped]


def parse(raw: bytes) -> Head:
    """The head in `raw`, which ends with an empty line. Raises BadRequestError."""
    first, *lines = raw.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) == 2:
        words.append("")  # a status line without a reason
    if len(words) != 3 or any(ord(character) < 32 for character in first):
        raise BadRequestError("that is no HTTP")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or any(character in value for character in "\r\n\0"):
            raise BadRequestError("that is no header")
        headers.append((name, value.strip(" \t")))
    return Head((words[0], words[1], words[2]), headers)


def parse_request(raw: bytes) -> Head:
    """A request: method, target, version."""
    head = parse(raw)
    method, target, version = head.first
    if not _NAME.fullmatch(method) or not _TARGET.fullmatch(target) or version not in {"HTTP/1.1", "HTTP/1.0"}:
        raise BadRequestError("that is no HTTP request")
    return head


def write(first: Iterable[str], headers: Headers) -> bytes:
    """The bytes of a head."""
    lines = [" ".join(first).rstrip(), *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

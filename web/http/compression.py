"""gzip of answers: what is worth compressing, and whether the browser takes it. Pure.

An answer that holds a secret is compressed only if the secret is another one each time (`auth.masked`), because the
length of compressed text tells how much of it repeats what a stranger put beside it (BREACH).
"""

import zlib

LEAST_BYTES = 1024
"""A shorter answer travels in one packet either way."""
LEVEL = 5
"""Within two per cent of the best size for the markup of the pages, in half the time."""
ASSET_LEVEL = 9
TEXTS = ("text/", "application/json", "image/svg+xml")
NEVER = ("text/event-stream",)
"""Every event has to leave at once."""
GZIP_FORMAT = 31
"""zlib's window size with the header of gzip, which then carries no time: equal bytes stay equal."""


def compressible(content_type: str) -> bool:
    """Whether an answer of this type becomes shorter; its `Vary` has to name Accept-Encoding, whatever is sent."""
    return content_type.startswith(TEXTS) and not content_type.startswith(NEVER)


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether the client takes gzip, by its Accept-Encoding (RFC 9110, section 12.5.3)."""
    weights = {}
    for one in (accept_encoding or "").lower().split(","):
        coding, _, parameters = one.partition(";")
        weights[coding.strip()] = _weight(parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def gzipped(body: bytes, level: int = LEVEL) -> bytes:
    """`body` in gzip's format."""
    packer = zlib.compressobj(level, zlib.DEFLATED, GZIP_FORMAT)
    return packer.compress(body) + packer.flush()


def _weight(parameters: str) -> float:
    """The `q` of a coding: 1 without one, 0 for one that is no number."""
    name, _, value = parameters.partition("=")
    if not name.strip():
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

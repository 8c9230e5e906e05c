"""The language of a search: words, "phrases", `word*`, `-word` and filters, as an expression of SQLite's FTS5. Pure.

Every word reaches FTS5 in quotes, so no operator of FTS5 and no quote of a client is ever one.
"""

import re
from dataclasses import dataclass

from actors.search.documents import EVERY, KINDS, tag
from harness.wire.boundary.moments import HINT as HINT_OF_MOMENT
from harness.wire.boundary.moments import moment_ms
from harness.wire.errors import HiveError, bad_request
from harness.wire.names import broker_name
from harness.wire.times import LATEST_MS

MAX_TERMS = 32
FILTERS = ("from", "to", "agent", "before", "after", "in")
BARE = frozenset(f"{one}:" for one in FILTERS)
HINT = 'words, "a phrase", word*, -word, and the filters ' + " ".join(f"{one}:" for one in FILTERS)

_PART = re.compile(r'(-?)(?:([A-Za-z_]+):(?=[^\s:/\\]))?("([^"]*)"?|[^\s"]+)')
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`match` is an expression of FTS5; the times are milliseconds UTC, `since_ms` included and `until_ms` not."""

    match: str
    since_ms: int = 0
    until_ms: int = LATEST_MS + 1


def parse(text: str, now_ms: int) -> SearchQuery:
    """The query of a line as a person writes it. Raises `bad_request` with the part that is wrong."""
    wanted: list[str] = []
    unwanted: list[str] = []
    since, until, words = 0, LATEST_MS + 1, 0
    for minus, key, whole, phrase in _PART.findall(_UNSAFE.sub(" ", text)):
        value = phrase if whole.startswith('"') else whole
        if key:
            name = key.lower()
            if minus:
                raise _wrong(f"-{name}:{value}", "a filter cannot be excluded")
            if name in {"before", "after"}:
                at = _time(name, value, now_ms)
                since, until = (max(since, at), until) if name == "after" else (since, min(until, at))
            else:
                wanted.append(_tag(name, value))
            words += 1
        elif value.lower() in BARE and not whole.startswith('"'):
            raise _wrong(value, "the value stands behind the colon, without a blank")
        elif any(one.isalnum() for one in value):
            (unwanted if minus else wanted).append(_words(value, quoted=whole.startswith('"')))
            words += 1
    if words > MAX_TERMS:
        raise bad_request(f"the search has {words} words and filters, and may have {MAX_TERMS}", HINT)
    if not words or (unwanted and not wanted and words == len(unwanted)):
        raise bad_request("there is no word to search for", HINT)
    match = " AND ".join(wanted or [f'tags:"{EVERY}"'])
    return SearchQuery(f"({match}) NOT ({' OR '.join(unwanted)})" if unwanted else match, since, until)


def _words(value: str, *, quoted: bool) -> str:
    star = "*" if value.endswith("*") and not quoted else ""
    return f'text:"{value}"{star}'


def _tag(name: str, value: str) -> str:
    if name == "in":
        kind = value.lower().rstrip("s")
        if kind not in KINDS:
            raise _wrong(f"in:{value}", f"in: is one of {', '.join(KINDS)}")
        return f'tags:"{tag("in", kind)}"'
    if name not in FILTERS:
        raise _wrong(f"{name}:{value}", f"{name}: is no filter; put the text in quotes to search for it")
    return f'tags:"{tag(name, broker_name(value.lower()))}"'


def _time(name: str, value: str, now_ms: int) -> int:
    try:
        return moment_ms(value, now_ms)
    except ValueError:
        raise _wrong(f"{name}:{value}", f"{name}: is {HINT_OF_MOMENT}") from None


def _wrong(part: str, hint: str) -> HiveError:
    return bad_request(f"the search does not understand {part[:80]!r}", hint)

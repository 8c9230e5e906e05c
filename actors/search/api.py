"""How other components search. Every function takes the directory first and may raise HiveError."""

from collections.abc import Mapping

from actors.search import index, query, sources
from actors.search.index import Found, Hit
from actors.search.messages import SEARCH, Find
from actors.store import api as store
from actors.supervision import Directory
from harness.wire.names import container_name
from harness.wire.operator_api.search import SearchReply
from harness.wire.operator_rows import SearchHit, SnippetPart
from harness.wire.times import from_ms

FIND_SECONDS = 30.0


def search(directory: Directory, text: str, *, limit: int, before: str | None, now_ms: int) -> SearchReply:
    """A page of what matches, the newest first. `bad_request` for a query that is none."""
    wanted = query.parse(text, now_ms)
    below = None if before is None else int(before)
    found: tuple[Found, Mapping[str, int]] = directory.ask(SEARCH, Find(wanted, limit, below), timeout=FIND_SECONDS)
    page, cursors = found
    hits = _kept(directory, page.hits)
    return SearchReply(
        hits=[_row(hit) for hit in hits],
        total=min(page.count, index.COUNTED),
        more_than_total=page.count > index.COUNTED,
        next=str(page.hits[-1].id) if page.more else None,
        not_indexed=_not_indexed(directory, cursors),
    )


def _kept(directory: Directory, hits: list[Hit]) -> list[Hit]:
    """Those whose rows are still there: what the hour's sweep dropped may be in the index for a while."""
    there: set[tuple[str, int]] = set()
    for name in {hit.source for hit in hits}:
        source = sources.BY_NAME[name]
        ids = sorted({hit.key for hit in hits if hit.source == name})
        there |= {(name, id_) for id_ in store.read(directory, sources.kept(source, ids), source.database)}
    return [hit for hit in hits if (hit.source, hit.key) in there]


def _not_indexed(directory: Directory, cursors: Mapping[str, int]) -> int:
    """How many rows the index has not come to yet, by their ids."""
    return sum(
        max(0, store.read(directory, sources.last_id(one), one.database) - cursors[one.name]) for one in sources.SOURCES
    )


def _row(hit: Hit) -> SearchHit:
    return SearchHit(
        kind=hit.kind,
        id=hit.ref,
        at=from_ms(hit.at),
        sender=hit.sender or None,
        recipient=hit.recipient or None,
        agent=container_name(hit.agent) if hit.agent else None,
        snippet=[SnippetPart(text=text, hit=marked) for text, marked in index.parts(hit.snippet)],
    )

"""Full-text search over messages, turns, questions and decisions."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_QUERY_CHARACTERS, MAX_SEARCH_ROWS
from harness.wire.model import Request
from harness.wire.operator_rows import SearchHit
from harness.wire.verb import OPERATORS, Rows, Verb


class Search(Request):
    """`query` is words, "phrases", `word*`, `-word` and filters; `before` is the `next` of the page before."""

    cmd: Literal["search"] = "search"
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS)]
    limit: Annotated[int, Field(ge=1, le=MAX_SEARCH_ROWS)] = 20
    before: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None


class SearchReply(ListReply):
    """The newest hits first. `total` counts all, up to a thousand; with `more_than_total` there are more.

    `not_indexed`: so many rows the index has not come to yet.
    """

    hits: list[SearchHit]
    total: int
    more_than_total: bool
    next: str | None
    not_indexed: int


SEARCH = Verb("search", Search, SearchReply, OPERATORS)

VERBS: Rows = (SEARCH,)

"""Full-text search over messages, turns, questions and decisions."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_QUERY_CHARACTERS, MAX_SEARCH_ROWS
from harness.wire.model import Record, Request
from harness.wire.times import Timestamp
from harness.wire.verb import OPERATORS, Rows, Verb


class Search(Request):
    """`query` is words, "phrases", `word*`, `-word` and filters; `before` is the `next` of the page before."""

    cmd: Literal["search"] = "search"
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS)]
    limit: Annotated[int, Field(ge=1, le=MAX_SEARCH_ROWS)] = 20
    before: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None


class SnippetPart(Record):
    """A piece of text around a hit, and whether it is the hit."""

    text: str
    hit: bool


class SearchHit(Record):
    """What was found: `kind` is message, prompt, text, tool, output, note, question or decision.

    `id` is the message's, question's or approval's; of what an agent's turn holds it is the live event's.
    """

    kind: str
    id: int
    at: Timestamp
    sender: str | None = None
    recipient: str | None = None
    agent: str | None = None
    snippet: list[SnippetPart]


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

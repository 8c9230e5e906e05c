"""Replies that several verbs of the operator share."""

from typing import Any

from harness.wire.boundary.listing import ListReply
from harness.wire.model import Reply


class RowsReply(ListReply):
    rows: list[dict[str, Any]]


class TextReply(Reply):
    text: str


class DiffReply(Reply):
    diff: str
    base_sha: str | None
    sha: str

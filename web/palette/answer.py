"""What the palette offers for a line: where it leads, what it does, and a search as the last way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.wire.errors import HiveError
from harness.wire.limits import MAX_QUERY_CHARACTERS
from web.app import WebApp
from web.http import urls
from web.palette import places
from web.palette.matching import Meant, meanings, rank
from web.palette.table import ACTIONS, Target
from web.palette.targets import Candidate, candidates

MOST = 20
"""Entries of one answer."""
MOST_OF_ONE = 6
"""Rows that are offered for an action whose target is not typed yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: it leads to `href`, or posts `fields` to `post`. `missing` says what has to be typed first."""

    title: str
    said: str
    kind: str
    rank: float = 0
    href: str | None = None
    post: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    confirm: bool = False
    missing: str | None = None
    hint: str = ""
    """What may be typed behind it."""
    command: str | None = None
    """The line to go on from, where something can be typed behind it."""


def answer(app: WebApp, line: str, tabs: Mapping[str, str]) -> list[Entry]:
    """At most MOST entries, the best first."""
    line = line[:MAX_QUERY_CHARACTERS]
    if not line.strip():
        return [Entry(title, said, "page", href=href) for title, href, said in places.PAGES]
    found = [Entry(one.title, one.said, one.kind, one.rank, one.href) for one in places.readable(app, line, tabs)]
    for meant in meanings(line, ACTIONS):
        found += _entries(app, meant)
    found.sort(key=lambda entry: entry.rank)
    search = Entry(
        f"search for “{line.strip()}”", "in all that was said and done", "search", href=urls.search(q=line.strip())
    )
    return [*found[: MOST - 1], search]


def _entries(app: WebApp, meant: Meant) -> list[Entry]:
    """The action on each row that matches the target; why there is none, where its rows cannot be read."""
    action = meant.action
    try:
        rows = list(candidates(app, action))
    except HiveError as error:
        return [Entry(action.label, error.message, "action", meant.rank + 9, missing=error.message)]
    if action.target is Target.NOTHING:
        text = f"{meant.target} {meant.text}".strip()
        return [_entry(meant, Candidate(""), text, meant.rank)]
    numbered = bool(rows) and rows[0].key.isdecimal()
    ranked = [(0 if numbered and row.key == meant.target else rank(meant.target, row.key), row) for row in rows]
    matching = [
        (found, row) for found, row in ranked if found is not None and not (numbered and meant.target and found)
    ]
    matching.sort(key=lambda pair: pair[0])
    most = MOST if meant.target else MOST_OF_ONE
    return [_entry(meant, row, meant.text, meant.rank + found + 0.5) for found, row in matching[:most]]


def _entry(meant: Meant, row: Candidate, text: str, ranked: float) -> Entry:
    action = meant.action
    target = f"#{row.key}" if row.key.isdecimal() else row.key
    title = f"{action.label} {target}".strip()
    if row.look_at is not None:
        return Entry(f"{title}: look first", row.said, "action", ranked, href=row.look_at)
    if text and not action.text:
        ranked += 4  # more was typed than the action takes
    typed = action.text != "typed" or text == row.key
    missing = action.hint if action.required and not (text and typed) else None
    fields = {**action.fields, **row.fields}
    if action.target_field:
        fields[action.target_field] = row.key
    if action.text and text:
        fields[action.text] = text
    return Entry(
        title=f"{title}: {text}" if action.text and text and action.text != "typed" else title,
        said=row.said,
        kind="action",
        rank=ranked,
        post=action.address.replace("<target>", row.key),
        fields=fields,
        confirm=action.confirm,
        missing=missing,
        hint="" if text else action.hint,
        command=f"{action.label} {row.key} ".lstrip() if action.text and not text else None,
    )

"""The table of agents as the operator looks at it: filtered, sorted, in groups, and one page of it. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.wire import names, times
from harness.wire.operator_rows import AgentRow
from web.presentation import agent_state
from web.presentation.state_style import StateStyle, Tone

PAGE_ROWS = 100
COLUMNS = ("model", "queue", "context", "turns", "cost", "last hour", "says")
"""The columns that can be left out, in their order."""
BY_STATE = "state"

URGENCY = (Tone.CALM, Tone.OK, Tone.WAIT, Tone.MOVE, Tone.BUSY, Tone.ATTENTION, Tone.BAD)
"""Tones, the most urgent last."""


def _last_turn(row: AgentRow) -> float | None:
    ended = (row.last_turn or {}).get("ended_at")
    return times.to_ms(str(ended)) if ended else None


SORTS: dict[str, Callable[[AgentRow], float | None]] = {
    "name": lambda _: 0.0,
    "state": lambda row: float(URGENCY.index(agent_state.style(row).tone)),
    "queue": lambda row: row.pending,
    "last turn": _last_turn,
    "cost": lambda row: row.cost_today_usd,
    "context": agent_state.context_share,
}
"""The highest first; equal rows stay in the order of names, the manager on top, and unknown values come last."""


@dataclass(frozen=True, slots=True)
class View:
    """What the operator chose. `sort` begins with a minus for the lowest first; `page` counts from 1."""

    filter: str = ""
    group: str = ""
    sort: str = "name"
    columns: tuple[str, ...] = COLUMNS
    page: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one state on a page; `count` is of all pages. `style` is None where nothing is grouped."""

    key: str
    style: StateStyle | None
    count: int
    rows: list[AgentRow]


@dataclass(frozen=True, slots=True)
class Table:
    """One page: the rows `first` to `last` of `matching`, which are those of `total` that pass the filter."""

    groups: list[Group]
    states: list[tuple[StateStyle, int]]
    """The states of all agents with their counts, the most urgent first."""
    total: int
    matching: int
    first: int
    last: int
    page: int
    pages: int


def arrange(rows: Sequence[AgentRow], view: View) -> Table:
    """The page that `view` asks for; the last page for a number beyond it. `rows` stand in the order of names."""
    words = view.filter.lower().split()
    found = _sorted([row for row in rows if all(_matches(row, word) for word in words)], view.sort)
    styles = {row.name: agent_state.style(row) for row in rows}
    if view.group == BY_STATE:
        found.sort(key=lambda row: _urgency(styles[row.name]))
    pages = max(1, -(-len(found) // PAGE_ROWS))
    page = min(max(1, view.page), pages)
    begin = (page - 1) * PAGE_ROWS
    shown = found[begin : begin + PAGE_ROWS]
    return Table(
        groups=_groups(shown, found, styles) if view.group == BY_STATE else [Group("all", None, len(found), shown)],
        states=_counted(styles.values()),
        total=len(rows),
        matching=len(found),
        first=begin + 1 if shown else 0,
        last=begin + len(shown),
        page=page,
        pages=pages,
    )


def slug(word: str) -> str:
    """A state as one word, as the filter has it: `rate-limited`."""
    return word.replace(" ", "-")


def _matches(row: AgentRow, word: str) -> bool:
    """Whether the row has `word` in it, or in the field that `state:`, `model:` or `name:` before it names."""
    key, colon, value = word.partition(":")
    name, state, model = (
        names.container_name(row.name),
        slug(agent_state.style(row).word),
        (row.active_model or "").lower(),
    )
    if colon and key in ("state", "model", "name"):
        return value in {"state": state, "model": model, "name": name}[key]
    said = f"{row.status_text or ''} {row.note or ''}".lower()
    return any(word in text for text in (name, state, model, said))


def _sorted(rows: list[AgentRow], sort: str) -> list[AgentRow]:
    key = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    lowest_first = sort.startswith("-")
    if sort == "-name":
        return rows[::-1]
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return [*sorted(known, key=lambda row: key(row) or 0.0, reverse=not lowest_first), *unknown]


def _urgency(style: StateStyle) -> tuple[int, str]:
    return -URGENCY.index(style.tone), style.word


def _counted(styles: Iterable[StateStyle]) -> list[tuple[StateStyle, int]]:
    known = list(styles)
    counts = Counter(style.word for style in known)
    distinct = {style.word: style for style in known}
    return [(style, counts[style.word]) for style in sorted(distinct.values(), key=_urgency)]


def _groups(shown: Sequence[AgentRow], found: Sequence[AgentRow], styles: dict[str, StateStyle]) -> list[Group]:
    counts = Counter(styles[row.name].word for row in found)
    groups: dict[str, Group] = {}
    for row in shown:
        style = styles[row.name]
        group = groups.setdefault(style.word, Group(slug(style.word), style, counts[style.word], []))
        group.rows.append(row)
    return list(groups.values())

"""Where the palette leads: the pages of the site, agents with their tabs, proposals and questions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.wire import names
from harness.wire.errors import HiveError
from web.app import WebApp
from web.http import urls
from web.palette import targets
from web.palette.matching import NOISE, rank

PAGES: tuple[tuple[str, str, str], ...] = (
    ("dashboard", urls.HOME, "what needs you, the agents, the messages"),
    ("needs you", f"{urls.HOME}#needs", "on the dashboard"),
    ("agents", f"{urls.HOME}?group=state#containers", "by state, on the dashboard"),
    ("approvals", f"{urls.HOME}#approvals", "on the dashboard"),
    ("questions", f"{urls.HOME}#questions", "on the dashboard"),
    ("reminders", f"{urls.HOME}#reminders", "on the dashboard"),
    ("inbox", f"{urls.HOME}#inbox", "your mail, on the dashboard"),
    ("messages", f"{urls.HOME}#flow", "between all, on the dashboard"),
    ("drafts", f"{urls.HOME}#drafts", "on the dashboard"),
    ("kept state", f"{urls.HOME}#kept", "of destroyed agents, on the dashboard"),
    ("actors", urls.ACTORS, "the supervised tree"),
    ("stats", urls.STATS, "charts, cost"),
    ("decisions", urls.DECISIONS, "who decided what"),
    ("verify", urls.VERIFY, "whether the hive holds what it promises"),
    ("search", urls.SEARCH, "messages, turns, questions, decisions"),
    ("sessions", urls.SESSIONS, "settings: the browsers that are logged in"),
    ("keyboard", urls.KEYS, "settings: the shortcuts"),
)


AGENT_TABS: Mapping[str, str] = {
    "inbox": "inbox",
    "loose": "loose ends",
    "config": "configuration",
    "journal": "journal",
    "stats": "stats",
    "hosts": "talked to",
    "terminal": "terminal",
}
"""The tabs of an agent's page, each with its name in lower case."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address, how it is named and described, and how well it matched."""

    title: str
    said: str
    href: str
    kind: str
    rank: int


def places(app: WebApp, line: str, tabs: Mapping[str, str]) -> Iterator[Place]:
    """Every place that `line` names. `tabs`: key → words, of an agent's page."""
    words = [word.removeprefix("#") for word in line.lower().split() if word not in NOISE]
    if not words:
        return
    for title, href, said in PAGES:
        found = [rank(word, title) for word in words]
        if all(one is not None and one < 5 for one in found):
            yield Place(title, said, href, "page", sum(one or 0 for one in found))
    yield from _agents(app, words, tabs)
    yield from _numbered(app, words)


def _agents(app: WebApp, words: list[str], tabs: Mapping[str, str]) -> Iterator[Place]:
    first, rest = words[0], " ".join(words[1:])
    for row in app.rows.agents().value:
        name = names.container_name(row.name)
        found = rank(first, name)
        if found is None:
            continue
        shown = targets.agent_row(row)
        if not rest:
            yield Place(name, shown.said, urls.agent(name), "agent", found)
            continue
        for key, title in tabs.items():
            if title.startswith(rest) or key.startswith(rest):
                yield Place(f"{name} · {title}", shown.said, urls.agent(name, tab=key), "agent", found)
        if "configuration".startswith(rest) or "settings".startswith(rest) or "agent.toml".startswith(rest):
            yield Place(
                f"{name} · files of its configuration", "agent.toml, log, tags", urls.config(name), "file", found + 1
            )


def _numbered(app: WebApp, words: list[str]) -> Iterator[Place]:
    number = words[-1]
    if not number.isdecimal():
        return
    kinds = words[:-1]
    if not kinds or "approval".startswith(kinds[0]):
        for row in app.rows.approvals().value:
            if str(row.id) == number:
                yield Place(f"approval #{number}", targets.approval_row(row).said, urls.approval(row.id), "approval", 0)
    if not kinds or "question".startswith(kinds[0]):
        for asked in app.rows.questions().value:
            if str(asked.id) == number:
                href = f"{urls.home(questions='all', open='questions-ended')}#question-{number}"
                yield Place(f"question #{number}", targets.question_row(asked).said, href, "question", 0)


def readable(app: WebApp, line: str, tabs: Mapping[str, str]) -> list[Place]:
    """The places as far as they can be read: a part that cannot be hides no page."""
    found: list[Place] = []
    try:
        found += places(app, line, tabs)
    except HiveError:
        found += [
            Place(title, said, href, "page", 0)
            for title, href, said in PAGES
            if rank(line.lower().strip(), title) is not None
        ]
    return found

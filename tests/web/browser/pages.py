"""Every page of the site, for tests and pictures that look at all of them."""

from tests.web.answers.terminals import ENDED
from web.pages.agent_tabs import TABS

PAGES = {
    "dashboard": "/",
    "agent": "/agent/alice/",
    **{f"agent-{tab.key}": f"/agent/alice/?tab={tab.key}" for tab in TABS},
    "agent-failed": "/agent/carol/",
    "peer": "/agent/damocles/",
    "agent-event": "/agent/alice/log/event/3",
    "approval": "/approval/4/",
    "approval-ended": "/approval/1/",
    "approval-undo": "/approval/1/undo",
    "approval-part": "/approval/4/part/bb22",
    "config": "/config/bob/",
    "kept-requests": "/kept-requests/alice",
    "actors": "/actors",
    "stats": "/stats",
    "stats-agent": "/stats?agent=alice&hours=24",
    "search": "/search?q=status",
    "search-empty": "/search",
    "why": "/why/message/8",
    "effects": "/effects/message/1",
    "thread": "/thread/4",
    "terminal": f"/terminal/{ENDED}/",
    "sessions": "/sessions",
    "decisions": "/decisions",
    "verify": "/verify",
    "keys": "/keys",
    "palette": "/palette?q=alice",
    "error-404": "/nowhere",
    "error-405": "/restart/alice",
}
"""Name → address, with a session and the sample rows."""
STRANGERS = {"login": "/login", "stranger-404": "/nowhere"}
"""What is seen without a session."""
PARTS = ("/section/", "/panel/", "/events", "/api/", "/metrics", "/healthz", "/readyz", "/login")
PART_PATTERNS = (
    "/agent/<name>/head",
    "/agent/<name>/log",
    "/agent/<name>/log/rows",
    "/agent/<name>/log/image/<place>",
    "/agent/<name>/tab",
    "/approval/<number>/<place:re:review|beside>",
    "/config/<name>/<part>",
    "/terminal/<id_>/socket",
    "/terminal/<id_>/recording",
)
"""Addresses of fragments and of what programs read: they are no page."""
THEMES = ("dark", "light")


def choose(browser, theme="dark", words="decorated"):
    """Have the browser show these colours and headings."""
    for name, value in {"hive_theme": theme, "hive_words": words}.items():
        browser.driver.add_cookie({"name": name, "value": value, "path": "/"})


def settle(browser):
    """Wait until the page stands: its scripts ran, what they fetch is there, its charts are drawn."""
    browser.until(
        "document.readyState === 'complete' && !document.querySelector('.htmx-request')"
        " && (!document.body.dataset.events || document.documentElement.dataset.live === 'on')"
    )

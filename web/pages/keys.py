"""`/keys`: the keyboard, as a page and in the panel."""

from web.pages import layout
from web.services import Services
from web.visit import Answer, Visit

KEYS: tuple[tuple[str, str], ...] = (
    ("j  k", "move through rows"),
    ("Enter", "open what is selected: the diff of a proposal, the page of an agent"),
    ("a", "approve the selected proposal; with none selected, go to the first"),
    ("d", "deny it: asks why"),
    ("r", "restart the selected agent"),
    ("p", "pause or resume it"),
    ("l", "its journal"),
    ("m", "write to it"),
    ("/", "search the message flow"),
    ("g d", "go to the dashboard"),
    ("g a", "go to the actors"),
    ("g s", "go to the charts"),
    ("Esc", "close the panel, the menu, the search"),
    ("?", "this list"),
)


def show(services: Services, visit: Visit) -> Answer:
    """The whole page, or the list alone for the panel."""
    if visit.htmx:
        return Answer(layout.fragment(services, visit, "keys", keys=KEYS))
    return layout.page(services, visit, "keys", title="keyboard · hive", keys=KEYS)

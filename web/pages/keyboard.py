"""`/keys`: the keyboard shortcuts, as a page and in the panel."""

from web import layout
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse

SHORTCUTS: tuple[tuple[str, str], ...] = (
    ("j  k", "move through rows"),
    ("Enter", "open the selected row: the diff of a proposal, the page of an agent"),
    ("a", "approve the selected proposal; with none selected, go to the first"),
    ("d", "deny it, with a reason"),
    ("]  [", "in a review: the next changed lines, the ones before"),
    ("↓  ↑", "in a review: line by line, where the lines have the focus"),
    ("c", "in a review: comment on the line; Ctrl Enter keeps it"),
    ("v", "in a review: mark the file as viewed"),
    ("r", "restart the selected agent"),
    ("p", "pause or resume it"),
    ("l", "its journal"),
    ("m", "write to it"),
    ("Ctrl K  /", "go anywhere, do anything: a name, approve 7, pause bob, a search"),
    ("g d", "go to the dashboard"),
    ("g a", "go to the actors"),
    ("g s", "go to the charts"),
    ("Esc", "close the panel, the menu, the palette"),
    ("?", "this list"),
)


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """The list alone for the panel, else a whole page."""
    if request.htmx:
        return HttpResponse(layout.fragment(app, request, "pages/keyboard", level=2, shortcuts=SHORTCUTS))
    return layout.page(app, request, "pages/keyboard", title="keyboard · hive", level=1, shortcuts=SHORTCUTS)

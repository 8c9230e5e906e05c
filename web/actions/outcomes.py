"""The response to a POST: a word beside the button; a plain form returns to the page it came from."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from harness.wire.errors import ErrorCode, HiveError
from web import layout
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse, see_other, status_of

P = ParamSpec("P")
Action = Callable[Concatenate[WebApp, HttpRequest, P], HttpResponse]


def done(app: WebApp, request: HttpRequest, word: str) -> HttpResponse:
    """The daemon accepted the request: `word` beside the button. The row itself changes by an event."""
    if not request.htmx:
        return see_other(request.return_path)
    return HttpResponse(layout.fragment(app, request, "parts/done", word=word))


def on_shared_row(action: Action[P]) -> Action[P]:
    """Decorates an action on a list that several operators share.

    Another operator may have decided first; then the row disappears together with its button, and the refusal is
    shown above the page's content instead of beside the button.
    """

    @functools.wraps(action)
    def respond(app: WebApp, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return action(app, request, *args, **kwargs)
        except HiveError as error:
            if not request.htmx or error.code not in (ErrorCode.CONFLICT, ErrorCode.NOT_FOUND):
                raise
            body = layout.fragment(app, request, "parts/refusal", error=error)
            return HttpResponse(body, status_of(error), headers={"HX-Retarget": "#refusals", "HX-Reswap": "beforeend"})

    return respond


def session_of(request: HttpRequest) -> int | None:
    """The session in which the operator acts, for the log; None with a bearer token."""
    return request.session.id if request.session else None

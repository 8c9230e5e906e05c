"""What the operator notes on a review before the decision: comments on lines, and which files were viewed."""

from dataclasses import replace

from harness.wire.errors import bad_request
from web.actions.outcomes import done, on_shared_row
from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse, see_other
from web.sections.review import base_of


@on_shared_row
def comment(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/comment/<id>` with `source`, `path`, `side`, `line` (or none), `base` and `text`: keep a draft."""
    form, line = request.form, request.form.get("line", "")
    if line and (not line.isdecimal() or len(line) > 10):
        raise bad_request("line is the number of a line")
    place = {"source": form.get("source", "config"), "path": form.get("path", ""), "side": form.get("side", "new")}
    kept = {**place, "line": int(line) if line else None, "text": form.get("text", "")}
    drafted = app.commands.comment(row_id(number), base_of(form.get("base")), kept)
    if not request.htmx:
        return see_other(f"{urls.approval(row_id(number))}#comment-{drafted}")
    return _noted(app, request, "kept")


@on_shared_row
def edit(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/edit-comment/<id>` with `comment` and `text`: other words for a draft."""
    app.commands.edit_comment(row_id(number), row_id(request.form.get("comment", "")), request.form.get("text", ""))
    return _noted(app, request, "changed")


@on_shared_row
def drop(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/drop-comment/<id>` with `comment`: a draft less."""
    app.commands.drop_comment(row_id(number), row_id(request.form.get("comment", "")))
    return _noted(app, request, "dropped")


@on_shared_row
def mark_viewed(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/mark-viewed/<id>` with `content` and `viewed` (1, or nothing to take the mark away)."""
    content = request.form.get("content", "")
    app.commands.mark_viewed(row_id(number), content, viewed=request.form.get("viewed") == "1")
    return done(app, request, "")


def _noted(app: WebApp, request: HttpRequest, word: str) -> HttpResponse:
    """The page closes the field that was written into, and reads the review again."""
    response = done(app, request, word)
    return replace(response, headers={**response.headers, "HX-Trigger": "hive:noted"}) if request.htmx else response

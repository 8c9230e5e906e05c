"""What the operator does with an item of N33DS Y0U without deciding it: put it off, show it again, hand it on."""

from dataclasses import replace

from harness.wire import times
from harness.wire.errors import bad_request
from web.actions.outcomes import done, on_shared_row
from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse

MAX_MINUTES = 60 * 24 * 31


@on_shared_row
def snooze(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/snooze-need` with `key`, and `minutes` unless it is put off until it changes."""
    key, minutes = request.form.get("key", ""), request.form.get("minutes", "")
    until = None
    if minutes:
        if not minutes.isascii() or not minutes.isdecimal() or not 0 < int(minutes[:9]) <= MAX_MINUTES:
            raise bad_request(f"an item is put off for 1 to {MAX_MINUTES} minutes, or until it changes")
        until = times.from_ms(request.now_ms + int(minutes) * 60_000)
    app.commands.snooze_need(key, until)
    return _undone_by(done(app, request, "put off"), key)


@on_shared_row
def wake(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/wake-need` with `key`: it is shown again."""
    app.commands.wake_need(request.form.get("key", ""))
    return done(app, request, "shown again")


@on_shared_row
def delegate(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/delegate-need` with `key` and `note`: its facts are written to the manager, and it is put off."""
    key = request.form.get("key", "")
    app.commands.delegate_need(key, request.form.get("note", "").strip() or None)
    return _undone_by(done(app, request, "handed to the manager"), key)


def _undone_by(response: HttpResponse, key: str) -> HttpResponse:
    """The page may show the item again with one request, which this header names."""
    undo = urls.with_query(urls.WAKE_NEED, key=key)
    return replace(response, headers={**response.headers, "X-Undo": undo})

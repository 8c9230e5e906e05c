"""`/terminal/<id>/`: a shell in a container, live while it is open, played from its recording afterwards."""

import secrets
from dataclasses import replace

from harness.wire import names
from web import layout
from web.app import WebApp
from web.http import urls
from web.http.headers import TERMINAL_POLICY
from web.http.request import HttpRequest
from web.http.response import TEXT, HttpResponse, json_response, see_other
from web.live.websocket import WebSocket


def show(app: WebApp, request: HttpRequest, id_: str) -> HttpResponse:
    """GET: the page. Its policy admits the style elements that the library makes, which carry a number used once."""
    row = app.terminals.row(id_)
    nonce = secrets.token_urlsafe(16)
    page = layout.page(
        app,
        request,
        "pages/terminal",
        title=f"terminal of {names.container_name(row.agent)} · hive",
        styles=("vendor/xterm.css", "terminal.css"),
        row=row,
        nonce=nonce,
    )
    return replace(page, headers={"Content-Security-Policy": TERMINAL_POLICY.format(nonce=nonce)})


def socket(app: WebApp, request: HttpRequest, id_: str) -> HttpResponse:
    """GET, as a WebSocket: see `web/live/terminal.py`. `offset`: how much of the output the browser has shown."""
    offset = request.number("offset", 0, 0, 2**62)
    session = request.session.id if request.session else None

    def serve(opened: WebSocket) -> None:
        app.sockets.serve(app.terminals, id_, offset, opened, session=session)

    return HttpResponse("this address is a WebSocket", 426, TEXT, {"Upgrade": "websocket"}, websocket=serve)


def recording(app: WebApp, request: HttpRequest, id_: str) -> HttpResponse:
    """GET: a piece of the recording, `{"text", "next"}`."""
    piece = app.terminals.recording(id_, request.number("offset", 0, 0, 2**62))
    return json_response({"text": piece.text, "next": piece.next})


def open_(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST: open one in the container of an agent, and go there."""
    row = app.terminals.open(name, request.session.id if request.session else None)
    return see_other(urls.terminal(row.id))


def close(app: WebApp, request: HttpRequest, id_: str) -> HttpResponse:  # noqa: ARG001 — the signature of a handler
    """POST: end an open one, and show its recording."""
    app.terminals.close(id_)
    return see_other(urls.terminal(id_))

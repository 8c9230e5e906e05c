"""What the operator does with one agent: start, stop, restart, rebuild, kick, pause, resume, control, destroy."""

from collections.abc import Callable
from functools import partial

from harness.wire import names
from harness.wire.errors import bad_request, not_found
from web.actions.outcomes import done
from web.app import WebApp
from web.daemon.commands import Commands
from web.http.request import HttpRequest
from web.http.response import HttpResponse

CONTROLS = ("cancel", "compact", "new_session", "model", "login_start", "login_code", "login_cancel")

WORDS = {"login_start": "begun", "login_code": "sent", "login_cancel": "cancelled"}
"""The word that is shown when the daemon accepted an order, where it is not the order's own."""

VERBS: dict[str, tuple[Callable[[Commands, str], None], str]] = {
    "start": (Commands.start, "starting"),
    "stop": (Commands.stop, "stopping"),
    "restart": (Commands.restart, "restarting"),
    "rebuild": (Commands.rebuild, "rebuilding"),
    "stop-now": (partial(Commands.stop, now=True), "stopping"),
    "restart-now": (partial(Commands.restart, now=True), "restarting"),
    "rebuild-now": (partial(Commands.rebuild, now=True), "rebuilding"),
    "kick": (Commands.kick, "kicked"),
    "pause": (Commands.pause, "paused"),
    "resume": (Commands.resume, "resumed"),
    "cancel": (Commands.cancel, "cancelled"),
    "lift": (Commands.lift, "served again"),
}
"""Path → the command, and the word that is shown when the daemon accepted it."""


def verb(app: WebApp, request: HttpRequest, verb: str, name: str) -> HttpResponse:
    """POST `/<verb>/<name>` for the verbs of VERBS."""
    command, word = VERBS[verb]
    command(app.commands, name)
    return done(app, request, word)


def destroy(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/destroy/<name>`: the operator has to type the name; the agent's state is kept."""
    if request.form.get("typed", "").strip() != name:
        raise bad_request(f"type {name} into the field to destroy it", "nothing was done")
    if names.container_name(name) == names.MANAGER_CONTAINER:
        raise bad_request("the manager cannot be destroyed")
    app.commands.destroy(name)
    return done(app, request, "destroyed")


def control(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/agent/<name>/control` with `action` and `value`: an order for the agent's harness."""
    return give_order(app, request, name, request.form.get("action", ""), request.form.get("value") or None)


def give_order(app: WebApp, request: HttpRequest, name: str, action: str, value: str | None) -> HttpResponse:
    """Pass one of CONTROLS to the agent's harness."""
    if action not in CONTROLS:
        raise not_found(f"control {action[:40]!r}", f"the controls are: {', '.join(CONTROLS)}")
    app.commands.control(name, action, value)
    return done(app, request, WORDS.get(action) or action.replace("_", " "))

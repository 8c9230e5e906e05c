"""What the operator decides: approvals, questions, reminders, new agents, tombstones, updates."""

from collections.abc import Callable

from harness.wire import names
from harness.wire.errors import bad_request
from harness.wire.limits import MAX_NOTE_CHARACTERS
from web.actions.outcomes import done, on_shared_row, session_of
from web.actions.proposals import waits
from web.app import WebApp
from web.daemon.commands import Commands
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse

ROW_VERBS: dict[str, tuple[Callable[[Commands, int], None], str]] = {
    "withdraw": (Commands.withdraw, "withdrawn"),
    "cancel-question": (Commands.cancel_question, "cancelled"),
    "cancel-reminder": (Commands.cancel_reminder, "cancelled"),
    "retry-reminder": (Commands.retry_reminder, "tried again"),
    "retry-dead-letter": (Commands.retry_dead_letter, "offered again"),
    "drop-dead-letter": (Commands.drop_dead_letter, "dropped"),
}
"""Path → the command, which needs only the id of the row, and the word that is shown when it was accepted."""


@on_shared_row
def approve(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/approve/<id>` with `sha` and `base_sha`, which were looked at, `note`, any number of `accepts`, `undoes`.

    The deployment begins, or waits for another one of the agent; an event tells its outcome.
    """
    seen = (request.form.get("sha") or None, request.form.get("base_sha") or None)
    undoes = [row_id(one) for one in request.form_lists.get("undoes", ())]
    behind = app.commands.approve(
        row_id(number),
        *seen,
        accepts=request.form_lists.get("accepts", ()),
        undoes=undoes,
        note=_note(request),
        session=session_of(request),
    )
    return done(app, request, "approved" if behind is None else f"approved, after #{behind}")


@on_shared_row
def deny(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/deny/<id>` with `note`: the reason, for the proposer."""
    app.commands.deny(row_id(number), _note(request), session=session_of(request))
    return done(app, request, "denied")


def _note(request: HttpRequest) -> str | None:
    note = request.form.get("note", "").strip()
    if len(note) > MAX_NOTE_CHARACTERS:
        raise bad_request(f"a reason has at most {MAX_NOTE_CHARACTERS} characters")
    return note or None


@on_shared_row
def answer(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/answer-question/<id>` with any number of `choice` and a `text`, joined by commas."""
    parts = [*request.form_lists.get("choice", ()), request.form.get("text", "").strip()]
    text = ", ".join(part for part in parts if part)
    if not text:
        raise bad_request("there is nothing to answer with", "pick an option or write something")
    app.commands.answer_question(row_id(number), text)
    return done(app, request, "answered")


@on_shared_row
def row_verb(app: WebApp, request: HttpRequest, verb: str, number: str) -> HttpResponse:
    """POST `/<verb>/<id>` for the verbs of ROW_VERBS."""
    command, word = ROW_VERBS[verb]
    command(app.commands, row_id(number))
    return done(app, request, word)


@on_shared_row
def drop_quarantined(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/drop-quarantined` with `table` and `key`: delete what cannot be read, for good."""
    app.commands.drop_quarantined(request.form.get("table", ""), request.form.get("key", ""))
    return done(app, request, "deleted")


@on_shared_row
def rebuild_all(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/rebuild-all`: the manager first, then the other outdated agents in waves."""
    planned = app.commands.rebuild_all()
    return done(app, request, f"{len(planned)} planned, the manager first" if planned else "no agent to rebuild")


@on_shared_row
def request_spawn(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/request-spawn` with `name` and `description`: a proposal, which waits for its approval."""
    name = request.form.get("name", "").strip()
    description = request.form.get("description", "").strip() or None
    return done(app, request, waits(app.commands.request_spawn(name, description)))


@on_shared_row
def revive(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/revive/<name>`: a proposal to spawn a destroyed agent again with its kept state."""
    return done(app, request, waits(app.commands.revive(name)))


@on_shared_row
def purge_tombstone(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/purge-tombstone/<name>`: the operator has to type the name; nothing of the agent remains."""
    if request.form.get("typed", "").strip() != name:
        raise bad_request(f"type {name} into the field to delete its kept state", "nothing was done")
    if names.container_name(name) == names.MANAGER_CONTAINER:
        raise bad_request("the state of the manager is never deleted")
    app.commands.purge_tombstone(name)
    return done(app, request, "purged")

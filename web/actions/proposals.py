"""What the operator proposes on a page: an edit, a commit, the reverse of a change, a draft. Each waits for a yes."""

from harness.wire.errors import bad_request
from web.actions.outcomes import done, on_shared_row, session_of
from web.app import WebApp
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse


@on_shared_row
def edit(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/edit-config/<name>` with `path`, `text` and `base_sha`, the commit in force that was edited."""
    path, base_sha = request.form.get("path", "").strip(), request.form.get("base_sha", "")
    if not path:
        raise bad_request("the file has no name", "agent.toml is the configuration itself")
    # A browser sends CR LF between lines; the files of a configuration have line feeds.
    text = request.form.get("text", "").replace("\r\n", "\n")
    return done(app, request, waits(app.commands.request_edit(name, base_sha, {path: text}, _description(request))))


@on_shared_row
def propose(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/propose/<name>` with `commit`: a commit of the proposed repository of an agent, or of a draft."""
    commit = request.form.get("commit", "").strip()
    if request.form.get("draft"):
        number = app.commands.request_spawn_commit(name, commit, _description(request))
    else:
        number = app.commands.request_apply_commit(name, commit, _description(request))
    return done(app, request, waits(number))


@on_shared_row
def revert(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/revert/<id>`: the reverse of a deployed change."""
    return done(app, request, waits(app.commands.request_revert(row_id(number), _description(request))))


@on_shared_row
def undo(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/undo/<id>` with `base_sha`, which the preview was made for: propose the reverse and approve it."""
    undone = app.commands.undo(row_id(number), request.form.get("base_sha", ""), session_of(request))
    later = "" if undone.behind is None else f", after #{undone.behind}"
    return done(app, request, f"approval #{undone.approval_id} undoes it{later}")


@on_shared_row
def again(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/request-again/<id>`: the commit of a denied change once more."""
    return done(app, request, waits(app.commands.request_again(row_id(number))))


@on_shared_row
def make_draft(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/make-draft` with `name`: the repository and the folders of an agent to be."""
    path = app.commands.request_spawn_draft(request.form.get("name", "").strip())
    return done(app, request, f"prepared in {path}")


@on_shared_row
def discard_draft(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/discard-draft/<name>`: the operator has to type the name; configuration and notes are deleted."""
    if request.form.get("typed", "").strip() != name:
        raise bad_request(f"type {name} into the field to discard the draft", "nothing was done")
    app.commands.discard_draft(name)
    return done(app, request, "discarded")


def waits(approval: int) -> str:
    """What is said of a proposal that was filed."""
    return f"approval #{approval} waits for you"


def _description(request: HttpRequest) -> str | None:
    return request.form.get("description", "").strip() or None

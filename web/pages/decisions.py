"""What the operator decides: approvals, questions, reminders, what is kept, who is updated.

The rows of these lists are shared: somebody else may have decided a moment ago, and then the row goes away together
with its button. So who comes too late is told in the corner of the page, not beside a button that is gone.
"""

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from harness.wire import agent_api, names, operator_api
from harness.wire.errors import ErrorCode, HiveError, bad_request
from harness.wire.model import Done, Reply, Request
from web.host import REQUEST_SECONDS, STOP_SECONDS
from web.pages import actions, layout
from web.services import Services
from web.visit import Answer, Visit, see_other, status_of

R = TypeVar("R", bound=Reply)

DECIDE_SECONDS = 35.0
"""The queue writes to disk and to git before it says yes."""
MAX_NOTE = 4_000

ROW_VERBS: dict[str, tuple[str, str]] = {
    "cancel-question": ("cancel_question", "cancelled"),
    "cancel-reminder": ("cancel_reminder", "cancelled"),
    "retry-reminder": ("retry_reminder", "tried again"),
}
"""Path → verb, the word shown when it was taken. They need nothing but the row's number."""


def approve(services: Services, visit: Visit, number: str) -> Answer:
    """POST `/approve/<id>`: it is carried out from now on; how it ends is told by an event."""
    request = operator_api.ById(cmd="approve", id=_number(number))
    return _decide(services, visit, lambda: request, Done, lambda _: "approved", seconds=DECIDE_SECONDS)


def deny(services: Services, visit: Visit, number: str) -> Answer:
    """POST `/deny/<id>` with `note`: why, for the proposer."""
    note = visit.form.get("note", "").strip()
    if len(note) > MAX_NOTE:
        raise bad_request(f"a reason has at most {MAX_NOTE} characters")
    request = operator_api.Deny(id=_number(number), note=note or None)
    return _decide(services, visit, lambda: request, Done, lambda _: "denied", seconds=DECIDE_SECONDS)


def answer(services: Services, visit: Visit, number: str) -> Answer:
    """POST `/answer-question/<id>` with any number of `choice` and a `text`: joined by commas."""
    given = [*visit.many.get("choice", ()), visit.form.get("text", "").strip()]
    words = ", ".join(one for one in given if one)
    if not words:
        raise bad_request("there is nothing to answer with", "pick an option or write something")
    request = operator_api.AnswerQuestion(id=_number(number), answer=words)
    return _decide(services, visit, lambda: request, Done, lambda _: "answered")


def on_row(services: Services, visit: Visit, verb: str, number: str) -> Answer:
    """POST `/<verb>/<id>` for the verbs of ROW_VERBS."""
    cmd, word = ROW_VERBS[verb]
    request = operator_api.ById(cmd=cmd, id=_number(number))
    return _decide(services, visit, lambda: request, Done, lambda _: word)


def rebuild_all(services: Services, visit: Visit) -> Answer:
    """POST `/rebuild-all`: the manager first, then the others in waves."""

    def word(reply: operator_api.PlannedReply) -> str:
        return f"{len(reply.planned)} planned, the manager first" if reply.planned else "nobody to rebuild"

    request = operator_api.Plain(cmd="rebuild_all")
    return _decide(services, visit, lambda: request, operator_api.PlannedReply, word, seconds=STOP_SECONDS)


def request_spawn(services: Services, visit: Visit) -> Answer:
    """POST `/request-spawn` with `name` and `description`: a proposal like any other, to be approved."""
    name = visit.form.get("name", "").strip()
    description = visit.form.get("description", "").strip() or None

    def build() -> Request:
        return agent_api.RequestSpawn(name=name, description=description)

    return _decide(services, visit, build, agent_api.ApprovalReply, _queued, seconds=DECIDE_SECONDS)


def revive(services: Services, visit: Visit, name: str) -> Answer:
    """POST `/revive/<name>`: a proposal to spawn it again with what was kept."""
    request = lambda: operator_api.ByName(cmd="revive", name=name)  # noqa: E731
    return _decide(services, visit, request, agent_api.ApprovalReply, _queued, seconds=DECIDE_SECONDS)


def purge(services: Services, visit: Visit, name: str) -> Answer:
    """POST `/purge-tombstone/<name>`: the name has to be typed in; nothing is left of it."""
    if visit.form.get("typed", "").strip() != name:
        raise bad_request(f"type {name} into the field to delete what is kept of it", "nothing was done")
    if names.container_name(name) == names.MANAGER_CONTAINER:
        raise bad_request("nothing of the manager is ever deleted")
    request = lambda: operator_api.ByName(cmd="purge_tombstone", name=name)  # noqa: E731
    return _decide(services, visit, request, Done, lambda _: "purged", seconds=STOP_SECONDS)


def notices_seen(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """POST `/notices-seen`: remarks up to `at` (ms UTC) are dismissed. Remembered in this browser."""
    moment = visit.form.get("at", "")
    if not moment.isascii() or not moment.isdecimal() or len(moment) > 18:
        raise bad_request("up to which moment?")
    cookie = {"hive_noticed": str(max(int(moment), visit.noticed))}
    if not visit.htmx:
        return see_other(visit.back, cookie)
    return Answer("", 204, headers={"HX-Trigger": "hive:reread"}, cookies=cookie)


def _queued(reply: agent_api.ApprovalReply) -> str:
    return f"approval #{reply.approval_id} waits for you"


def _decide(
    services: Services,
    visit: Visit,
    build: Callable[[], Request],
    reply: type[R],
    word: Callable[[R], str],
    *,
    seconds: float = REQUEST_SECONDS,
) -> Answer:
    try:
        request = build()
    except ValidationError as error:
        raise actions.mistake(error) from None
    try:
        answered = services.host.ask(request, reply, seconds=seconds)
    except HiveError as error:
        if not visit.htmx or error.code not in (ErrorCode.CONFLICT, ErrorCode.NOT_FOUND):
            raise
        services.reads.forget()
        body = layout.fragment(services, visit, "refusal", error=error)
        return Answer(body, status_of(error), headers={"HX-Retarget": "#told", "HX-Reswap": "beforeend"})
    return actions.done(services, visit, word(answered))


def _number(text: str) -> int:
    """The number of a row; the wire's are 64 bits wide."""
    if not text.isascii() or not text.isdecimal() or int(text) >= 2**63:
        raise bad_request(f"{text[:40]!r} is no number of a row")
    return int(text)

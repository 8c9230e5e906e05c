"""What the operator does: every POST. A success answers nothing (the row changes by event) or a word beside the button.

A plain form without JavaScript goes back to the page it came from; a refusal shows the sentence and the way out.
"""

from collections.abc import Callable

from pydantic import ValidationError

from harness.wire import names, operator_api
from harness.wire.agent_api import Send, SendReply
from harness.wire.errors import HiveError, bad_request, not_found
from harness.wire.model import Done, Request
from web import slash
from web.host import REBUILD_SECONDS, REQUEST_SECONDS, STOP_SECONDS
from web.pages import layout
from web.services import Services
from web.visit import THEMES, Answer, Visit, see_other

YEAR_SECONDS = 365 * 24 * 3600
CONTROLS = ("cancel", "compact", "new_session", "model", "login_start", "login_code", "login_cancel")

AgentVerb = Callable[[str], Request]
VERBS: dict[str, tuple[AgentVerb, float, str]] = {
    "start": (
        lambda name: operator_api.Start(scope=operator_api.Scope(agent_names=[name])),
        REQUEST_SECONDS,
        "starting",
    ),
    "stop": (lambda name: operator_api.Stop(scope=operator_api.Scope(agent_names=[name])), STOP_SECONDS, "stopping"),
    "restart": (lambda name: operator_api.ByName(cmd="restart", name=name), STOP_SECONDS, "restarting"),
    "rebuild": (lambda name: operator_api.ByName(cmd="rebuild", name=name), REBUILD_SECONDS, "rebuilt"),
    "kick": (lambda name: operator_api.ByName(cmd="kick", name=name), REQUEST_SECONDS, "kicked"),
    "pause": (lambda name: operator_api.SetPaused(name=name, paused=True), REQUEST_SECONDS, "paused"),
    "resume": (lambda name: operator_api.SetPaused(name=name, paused=False), REQUEST_SECONDS, "resumed"),
}
"""Path → the request, how long it may take, the word shown when it was taken."""


def on_agent(services: Services, visit: Visit, verb: str, name: str) -> Answer:
    """POST `/<verb>/<name>`."""
    build, seconds, word = VERBS[verb]
    services.host.ask(_checked(build, name), Done, seconds=seconds)
    return done(services, visit, word)


def destroy(services: Services, visit: Visit, name: str) -> Answer:
    """POST `/destroy/<name>`: the name has to be typed in; the state is kept."""
    if visit.form.get("typed", "").strip() != name:
        raise bad_request(f"type {name} into the field to destroy it", "nothing was done")
    if names.container_name(name) == names.MANAGER_CONTAINER:
        raise bad_request("the manager can not be destroyed")
    services.host.ask(_checked(lambda name: operator_api.Destroy(name=name), name), Done, seconds=STOP_SECONDS)
    return done(services, visit, "destroyed")


def control(services: Services, visit: Visit, name: str) -> Answer:
    """POST `/agent/<name>/control`: an order for the harness."""
    return _control(services, visit, name, visit.form.get("action", ""), visit.form.get("value") or None)


def say(services: Services, visit: Visit, name: str) -> Answer:
    """POST `/agent/<name>/say`: a message to this agent, or a command with a slash."""
    match slash.read(visit.form.get("body", "")):
        case slash.Say(body):
            return _send(services, visit, name, body)
        case slash.Control(action, value):
            return _control(services, visit, name, action, value)
        case slash.Help():
            return Answer(layout.fragment(services, visit, "slash_help", commands=slash.COMMANDS))


def send(services: Services, visit: Visit) -> Answer:
    """POST `/op-send`: a message from the operator. `@bob text` goes to bob, whoever the field names."""
    to, body = visit.form.get("to", "").strip().removeprefix("@"), visit.form.get("body", "")
    if body.lstrip().startswith("@"):
        word, _, rest = body.lstrip().partition(" ")
        to, body = word[1:], rest
    if not body.strip():
        raise bad_request("there is nothing to send")
    if not to:
        raise bad_request("to whom?", "put a name into the field before the message, or begin with @name")
    return _send(services, visit, to, body)


def inbox_seen(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """POST `/inbox-seen`: mail up to `id` is read. Remembered in this browser."""
    newest = visit.form.get("id", "")
    if not newest.isdecimal():
        raise bad_request("up to which mail?")
    cookie = {"hive_seen": str(max(int(newest), visit.seen))}
    if not visit.htmx:
        return see_other(visit.back, cookie)
    return Answer("", 204, headers={"HX-Trigger": "hive:reread"}, cookies=cookie)


def theme(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """POST `/theme`: the other look, remembered in this browser."""
    wanted = visit.form.get("to", "")
    if wanted not in THEMES:
        raise bad_request(f"there are the themes {' and '.join(THEMES)}")
    return see_other(visit.back, {"hive_theme": wanted})


def done(services: Services, visit: Visit, word: str) -> Answer:
    """The hive took it: a word beside the button, or back to the page."""
    services.reads.forget()
    if not visit.htmx:
        return see_other(visit.back)
    return Answer(layout.fragment(services, visit, "done", word=word))


def refused(services: Services, visit: Visit, error: HiveError, status: int) -> Answer:
    """The hive refused: the sentence and the way out, beside the button or on a page of their own."""
    if visit.htmx:
        return Answer(layout.fragment(services, visit, "refusal", error=error), status)
    return layout.bare(services, visit, "error", title="refused", status=status, error=error, back=visit.back)


def _control(services: Services, visit: Visit, name: str, action: str, value: str | None) -> Answer:
    if action not in CONTROLS:
        raise not_found(f"control {action[:40]!r}", f"there are: {', '.join(CONTROLS)}")
    request = _checked(lambda name: operator_api.AgentControl.model_validate(_control_frame(name, action, value)), name)
    services.host.ask(request, Done)
    return done(services, visit, action.replace("_", " "))


def _control_frame(name: str, action: str, value: str | None) -> dict[str, str | None]:
    return {"name": name, "action": action, "value": value}


def _send(services: Services, visit: Visit, to: str, body: str) -> Answer:
    reply = services.host.ask(_checked(lambda name: Send(to=name, body=body), to), SendReply)
    count = len(reply.recipients or [])
    return done(services, visit, f"sent to {count}" if reply.recipients is not None else f"sent to {to}")


def _checked(build: Callable[[str], Request], name: str) -> Request:
    try:
        return build(name)
    except ValidationError as error:
        raise mistake(error) from None


def mistake(error: ValidationError) -> HiveError:
    """What is wrong with what was typed, in the words of the wire's own rules."""
    reason = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
    return bad_request(reason.removeprefix("Value error, "))

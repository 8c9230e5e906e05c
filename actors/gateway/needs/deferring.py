"""The verbs that put an item off, show it again, and hand it to the manager."""

from actors.broker import api as broker
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.gateway.needs.reading import read
from actors.routes import Route, route
from actors.triage import api as triage
from harness.wire import names
from harness.wire.errors import HiveError, not_found
from harness.wire.model import Done
from harness.wire.needs import Need
from harness.wire.operator_api import needs as wire
from harness.wire.times import to_ms


def snooze(context: OperatorContext, request: wire.SnoozeNeed, _connection: Connection) -> Done:
    need = _item(context, request.key)
    until_ms = None if request.until is None else to_ms(request.until)
    triage.snooze(context.directory, need.key, need.mark, until_ms)
    return Done()


def wake(context: OperatorContext, request: wire.WakeNeed, _connection: Connection) -> Done:
    triage.wake(context.directory, request.key)
    return Done()


def delegate(context: OperatorContext, request: wire.DelegateNeed, _connection: Connection) -> wire.DelegateReply:
    """The message first: an item that is put off and that nobody was told of would be lost."""
    need = _item(context, request.key)
    body = facts(need, request.note)
    sent = broker.send(context.directory, sender=names.OPERATOR, to=names.MANAGER, body=body)
    triage.snooze(context.directory, need.key, need.mark, None)
    return wire.DelegateReply(id=sent.id)


def facts(need: Need, note: str | None) -> str:
    """What the manager is told: the operator's words, then the item. Words of others are quoted. Pure."""
    said = [note.strip() if note and note.strip() else "Please look after this for me."]
    about = f"{need.word or need.kind.value} of {names.broker_name(need.agent)}"
    number = need.approval.id if need.approval is not None else need.question.id if need.question is not None else None
    since = f", since {need.since}" if need.since else ""
    said += ["", f"{about}{f' #{number}' if number is not None else ''}{since}:", _quoted(need.sentence)]
    if need.question is not None and need.question.options:
        said.append(_quoted("options: " + " | ".join(need.question.options)))
    if need.why:
        said.append(_quoted(" ".join(f"{part.text} {part.at or ''}".strip() for part in need.why)))
    return "\n".join(said)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _item(context: OperatorContext, key: str) -> Need:
    found = read(context)
    for need in found.items:
        if need.key == key:
            return need
    if found.failed:
        first = found.failed[0]
        raise HiveError(first.code, f"{first.name}: {first.error}", first.hint)
    raise not_found(f"{key!r} among what needs you", "`hive needs` lists it")


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.SNOOZE_NEED, snooze),
    route(wire.WAKE_NEED, wake),
    route(wire.DELEGATE_NEED, delegate),
)

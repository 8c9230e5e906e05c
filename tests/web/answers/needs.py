"""The fake daemon's `needs`: its own rows, ranked as the daemon ranks them; a verb that is refused is a failed read."""

from actors.gateway.needs.deferring import facts
from actors.gateway.needs.ranking import ranked
from actors.gateway.needs.snoozing import divided
from actors.triage.api import Snooze
from harness.wire.errors import not_found
from harness.wire.model import Done
from harness.wire.needs import UnreadRows
from harness.wire.operator_api.needs import DelegateReply, NeedsReply
from harness.wire.operator_api.requests import Plain
from harness.wire.times import to_ms
from tests.web.answers.inbox import inbox_reply


def needs_reply(fake):
    failed = []

    def rows(name, verb, read):
        if (error := fake.refuse.get(verb)) is not None:
            failed.append(UnreadRows(name=name, error=error.message, code=error.code, hint=error.hint))
            return []
        return read()

    decisions = fake.decisions
    found = ranked(
        agents=rows("agents", "agent_status", fake.agents.values),
        unread=rows("mail", "unread_mail", lambda: inbox_reply(fake.messages, Plain(cmd="unread_mail")).senders),
        approvals=rows("approvals", "pending", decisions.approvals.values),
        questions=rows("questions", "questions", decisions.questions.values),
        dead_letters=rows("dead letters", "dead_letters", decisions.dead_letters.values),
        unreadable=rows("unreadable rows", "quarantine", lambda: decisions.quarantine),
        now_ms=fake.now_ms(),
    )
    shown, put_off = divided(found, fake.snoozes)
    return NeedsReply(needs=shown, snoozed=put_off, failed=failed, latency=fake.latency)


def deferred(fake, request):
    """The replies of `snooze_need`, `wake_need` and `delegate_need`, with their event; None for any other request."""
    if request.cmd not in ("snooze_need", "wake_need", "delegate_need"):
        return None
    if request.cmd == "wake_need":
        if fake.snoozes.pop(request.key, None) is None:
            raise not_found(f"{request.key!r} among what was put off")
        fake.emit("needs", {"put_off": len(fake.snoozes)})
        return Done()
    reply = needs_reply(fake)
    need = next((one for one in [*reply.needs, *reply.snoozed] if one.key == request.key), None)
    if need is None:
        raise not_found(f"{request.key!r} among what needs you")
    until = getattr(request, "until", None)
    fake.snoozes[need.key] = Snooze(need.key, need.mark, None if until is None else to_ms(until))
    fake.emit("needs", {"put_off": len(fake.snoozes)})
    if request.cmd == "snooze_need":
        return Done()
    return DelegateReply(id=fake.say("operator", "manager", facts(need, request.note)).id)

"""The fake daemon's `needs`: its own rows, ranked as the daemon ranks them; a verb that is refused is a failed read."""

from actors.gateway.needs.ranking import ranked
from harness.wire.needs import UnreadRows
from harness.wire.operator_api.needs import NeedsReply
from harness.wire.operator_api.requests import Plain
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
    return NeedsReply(needs=found, failed=failed)

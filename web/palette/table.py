"""What the palette can do: every action of the page, with the words that find it. Pure.

The verbs of agents and of rows are taken from the tables from which the site serves them: a new one is here too. The
words of an action include those of its command in the terminal; a test compares both with docs/parity.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from web.actions import agents, decisions
from web.http import urls


class Target(StrEnum):
    """What an action is done to."""

    NOTHING = "nothing"
    AGENT = "agent"
    RECIPIENT = "recipient"
    APPROVAL = "approval"
    QUESTION = "question"
    REMINDER = "reminder"
    DEAD_LETTER = "dead letter"
    TOMBSTONE = "tombstone"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `address` has `<target>` where the name or the number goes.

    `target_field` sends the target in the form instead. `text` is the field that takes what is typed behind the target,
    `hint` what it is for; with `required` nothing is done without it. `confirm`: Enter is asked for twice.
    """

    words: tuple[str, ...]
    address: str
    target: Target
    fields: Mapping[str, str] = field(default_factory=dict)
    target_field: str = ""
    text: str = ""
    hint: str = ""
    required: bool = False
    confirm: bool = False
    also: tuple[str, ...] = ()
    """Further words that find it."""

    @property
    def verb(self) -> str:
        """The last part of the address: what the rows of the page call it."""
        return self.address.split("/")[1]

    @property
    def label(self) -> str:
        return " ".join(self.words)


CONFIRMED = frozenset({
    "stop", "restart", "rebuild", "stop-now", "restart-now", "rebuild-now", "cancel", "withdraw",
    "drop-dead-letter", "cancel-question", "cancel-reminder",
})  # fmt: skip
"""The verbs that end something: a second Enter does them."""

ROW_TARGETS = {
    "withdraw": Target.APPROVAL,
    "question": Target.QUESTION,
    "reminder": Target.REMINDER,
    "letter": Target.DEAD_LETTER,
}
"""What a verb on a row is done to, by the last word of its address."""

ALSO = {"retry-dead-letter": ("dead",), "drop-dead-letter": ("dead",), "lift": ("suspensions",), "start": ("revive",)}


def _of_agent(verb: str) -> Action:
    words = tuple(verb.split("-"))
    return Action(words, f"/{verb}/<target>", Target.AGENT, confirm=verb in CONFIRMED, also=ALSO.get(verb, ()))


def _of_row(verb: str) -> Action:
    words = tuple(verb.split("-"))
    return Action(
        words, f"/{verb}/<target>", ROW_TARGETS[words[-1]], confirm=verb in CONFIRMED, also=ALSO.get(verb, ())
    )


def _control(*words: str, action: str, text: str = "", hint: str = "", confirm: bool = False) -> Action:
    address = "/agent/<target>/control"
    return Action(
        words, address, Target.AGENT, {"action": action}, text=text, hint=hint, required=bool(text), confirm=confirm
    )


def _typed(*words: str, address: str, target: Target, also: tuple[str, ...] = ()) -> Action:
    """An action for which the name has to be typed twice."""
    hint = "type its name once more"
    return Action(words, address, target, text="typed", hint=hint, required=True, confirm=True, also=also)


def _named(*words: str, address: str, also: tuple[str, ...]) -> Action:
    """An action that makes something new under a name."""
    return Action(words, address, Target.NOTHING, text="name", hint="and a name", required=True, also=also)


ACTIONS: tuple[Action, ...] = (
    Action(("approve",), "/approve/<target>", Target.APPROVAL),
    Action(("deny",), "/deny/<target>", Target.APPROVAL, text="note", hint="and why: the proposer is told"),
    Action(("answer",), "/answer-question/<target>", Target.QUESTION, text="text", hint="and the answer", required=True,
           also=("question", "reply")),
    Action(("message",), urls.SEND, Target.RECIPIENT, target_field="to", text="body", hint="and what to say",
           required=True, also=("send", "write", "new", "reply")),
    *map(_of_agent, agents.VERBS),
    _control("compact", action="compact"),
    _control("new", "session", action="new_session", confirm=True),
    _control("model", action="model", text="value", hint="and which: haiku, sonnet, opus"),
    _control("login", action="login_start"),
    _typed("destroy", address="/destroy/<target>", target=Target.AGENT),
    *map(_of_row, decisions.ROW_VERBS),
    Action(("revert",), "/revert/<target>", Target.APPROVAL, text="description", hint="and why", also=("undo",)),
    Action(("propose", "again"), "/request-again/<target>", Target.APPROVAL, also=("request",)),
    Action(("revive",), "/revive/<target>", Target.TOMBSTONE),
    _typed("purge", address="/purge-tombstone/<target>", target=Target.TOMBSTONE, also=("tombstone",)),
    _typed("discard", "draft", address="/discard-draft/<target>", target=Target.DRAFT),
    _named("make", "draft", address=urls.MAKE_DRAFT, also=("prepare", "agent")),
    _named("request", "spawn", address=urls.REQUEST_SPAWN, also=("agent",)),
    Action(("rebuild", "all"), urls.REBUILD_ALL, Target.NOTHING, confirm=True, also=("update",)),
    Action(("log", "out"), urls.LOGOUT, Target.NOTHING),
)  # fmt: skip

ON_THEIR_PAGE: Mapping[str, str] = {
    "POST /login": "nobody is logged in yet",
    "POST /preferences": "the form of every page",
    "POST /notices-seen": "the drawer of the bell",
    "POST /mail-read": "beside the mail",
    "POST /agent/<name>/say": "the same as a message or an order of its own",
    "POST /end-session/<number>": "the list of sessions says which is which",
    "POST /end-other-sessions": "the list of sessions",
    "POST /open-terminal/<name>": "the agent's tab `terminal`",
    "POST /terminal/<id_>/close": "the agent's tab `terminal`",
    "POST /comment/<number>": "beside the line in the review",
    "POST /edit-comment/<number>": "beside the line in the review",
    "POST /drop-comment/<number>": "beside the line in the review",
    "POST /mark-viewed/<number>": "beside the file in the review",
    "POST /undo/<number>": "its preview is looked at first",
    "POST /drop-quarantined": "the row says what cannot be read",
    "POST /edit-config/<name>": "needs an editor",
    "POST /propose/<name>": "needs a commit",
    "POST /snooze-need": "beside what needs you",
    "POST /wake-need": "beside what needs you",
    "POST /delegate-need": "beside what needs you",
}
"""The addresses that no action of the palette posts to, and why; the palette leads to their pages."""

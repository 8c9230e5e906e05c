"""The login of Claude Code in an agent, as its page shows it: the step it is at, and whether its end is near. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from harness.wire.boundary.account_page import is_account_page
from harness.wire.events import LoginState
from harness.wire.operator_rows import AgentRow
from web.presentation.links import safe_href


class Step(StrEnum):
    """What the operator can do next."""

    START = "start"
    WAIT = "wait"
    ENTER_CODE = "enter code"


_STEPS = {
    LoginState.STARTED: Step.WAIT,
    LoginState.CHECKING: Step.WAIT,
    LoginState.WAITING_FOR_CODE: Step.ENTER_CODE,
}


@dataclass(frozen=True, slots=True)
class LoginForm:
    """The form of one agent. `trouble` is what went wrong, in a sentence."""

    step: Step
    sentence: str
    trouble: str | None = None
    url: str | None = None
    href: str | None = None
    """The address as a link; None for one that is no page of a Claude account."""


def form(row: AgentRow, now_ms: int) -> LoginForm | None:
    """The form, where the agent needs a login, has one under way, or will need one soon."""
    if row.role == "peer" or not row.running:
        return None
    login = row.login
    step = Step.START if login is None else _STEPS.get(login.state, Step.START)
    if step is Step.START and not row.needs_login and (row.login_shared or not row.login_ends_soon(now_ms)):
        return None
    trouble = login.reason if login is not None and login.state is not LoginState.DONE else None
    match step:
        case Step.WAIT:
            checks = login is not None and login.state is LoginState.CHECKING
            return LoginForm(step, "the code is checked…" if checks else "Claude Code prepares the login…")
        case Step.ENTER_CODE:
            url = login.url if login is not None else None
            if url is None or not is_account_page(url):
                warning = "this is no address of a Claude account: do not log in there"
                return LoginForm(step, "open this address and paste the code from there", warning, url)
            sentence = "open this address, log in, and paste the code from there"
            return LoginForm(step, sentence, trouble, url, safe_href(url))
    sentence = "Claude Code is not logged in" if row.needs_login else "the login of Claude Code ends soon"
    return LoginForm(Step.START, sentence, trouble)

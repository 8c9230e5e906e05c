"""What the operator types below an agent's turn log: a message, or a command with a slash. Pure."""

from dataclasses import dataclass

from harness.wire.errors import bad_request

COMMANDS = {
    "/help": "what can be said here",
    "/cancel": "interrupt the running turn; its messages come back",
    "/compact": "summarise the context so far and go on with the summary",
    "/model": "<name>: the model from the next turn on",
    "/new-session": "forget the context; notes and state stay",
    "/clear": "empty this view; nothing is deleted",
}


@dataclass(frozen=True, slots=True)
class Say:
    """A message for the agent."""

    body: str


@dataclass(frozen=True, slots=True)
class Control:
    """An order for its harness."""

    action: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """The list of commands was asked for."""


def read(text: str) -> Say | Control | Help:
    """What `text` means; a first word that is no command but begins with one slash is refused, not sent."""
    text = text.strip()
    if not text:
        raise bad_request("there is nothing to send")
    if not text.startswith("/") or "/" in text.split()[0][1:]:
        return Say(text)
    word, _, rest = text.partition(" ")
    match word:
        case "/help" | "/clear":
            return Help()
        case "/cancel" | "/compact" | "/new-session":
            return Control(word[1:].replace("-", "_"))
        case "/model":
            if not rest.strip():
                raise bad_request("which model?", "/model haiku")
            return Control("model", rest.strip())
        case _:
            raise bad_request(f"there is no command {word}", "/help lists them")

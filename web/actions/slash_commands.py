"""The line below an agent's turn log: a message, or a command that begins with a slash. Pure."""

from dataclasses import dataclass

from harness.wire.errors import bad_request

COMMANDS = {
    "/help": "list these commands",
    "/cancel": "end the running turn; its messages count as done",
    "/compact": "summarise the context so far and go on with the summary",
    "/model": "<name>: the model from the next turn on",
    "/new-session": "forget the context; notes and state stay",
    "/clear": "empty this view; nothing is deleted",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A message for the agent."""

    body: str


@dataclass(frozen=True, slots=True)
class Control:
    """An order for the agent's harness."""

    action: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """The list of commands."""


def parse(line: str) -> Text | Control | Help:
    """The meaning of `line`. A first word with one leading slash that is not a command is refused, not sent."""
    line = line.strip()
    if not line:
        raise bad_request("there is nothing to send")
    if not line.startswith("/") or "/" in line.split()[0][1:]:
        return Text(line)
    word, _, rest = line.partition(" ")
    match word:
        case "/help" | "/clear":
            return Help()
        case "/cancel" | "/compact" | "/new-session":
            return Control(word[1:].replace("-", "_"))
        case "/model":
            if not rest.strip():
                raise bad_request("the name of the model is missing", "/model haiku")
            return Control("model", rest.strip())
        case _:
            raise bad_request(f"there is no command {word}", "/help lists them")

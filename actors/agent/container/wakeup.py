"""Telling an agent why it was woken: one `system` message. There is none after a stop, a destroy or a crash."""

from actors.broker.api import BROKER
from actors.broker.messages import Post, PostAll
from actors.supervision import Directory, Promise
from harness.wire import names
from harness.wire.agent_api import MessageKind

STARTED = "You were started. Your session and your notes are as you left them; look at them and at your inbox."
RESTARTED = "You were restarted with the configuration in force. Your session and your notes are as you left them."
REBUILT = "You were rebuilt, on what is in force now. Your session and your notes are as you left them."
REVIVED = "You were destroyed once and are back, with the notes you left. Look at them and at your inbox."
ASKED = "The operator asks you to look at your inbox and your notes."


def wakeup(container: str, body: str) -> Post:
    """The message of kind `kick` to this agent."""
    return Post(names.SYSTEM, names.broker_name(container), body, MessageKind.KICK)


def wake(directory: Directory, container: str, body: str) -> Promise[object]:
    """Post the message; the promise is kept when it is on disk. Never waits."""
    return directory.ask_later(BROKER, PostAll((wakeup(container, body),)))


def wake_with(directory: Directory, container: str, body: str | None) -> None:
    """`wake`, if there is something to say."""
    if body is not None:
        wake(directory, container, body)

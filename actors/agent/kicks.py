"""The one place where an agent is told why it was woken. None after a stop, a destroy or a crash."""

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


def kick(directory: Directory, container: str, body: str) -> Promise[object]:
    """Post one `system` message of kind `kick`; the promise is kept when it is on disk. Never waits."""
    post = Post(names.SYSTEM, names.broker_name(container), body, MessageKind.KICK)
    return directory.ask_later(BROKER, PostAll((post,)))


def kick_if(directory: Directory, container: str, body: str | None) -> None:
    """The same, where there is something to say."""
    if body is not None:
        kick(directory, container, body)

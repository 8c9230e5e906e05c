"""Events as mail from the system: the one way in which a component writes to the manager. Pure.

docs/events.md lists every event and the component that posts it.
"""

from actors.broker.messages import Post
from harness.wire import names
from harness.wire.agent_api import MessageKind
from harness.wire.boundary.causes import CauseName
from harness.wire.events import HelperEvent


def to_manager(event: HelperEvent, cause: CauseName | None = None) -> Post:
    """The event as mail to the manager."""
    return to_agent(names.MANAGER, event, cause)


def to_agent(name: str, event: HelperEvent, cause: CauseName | None = None) -> Post:
    """The event as mail to the addressee with this broker name."""
    named = None if cause is None else str(cause)
    return Post(names.SYSTEM, name, event.model_dump_json(), MessageKind.EVENT, cause=named)

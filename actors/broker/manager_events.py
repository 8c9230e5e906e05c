"""Events as mail from the system: the one way in which a component writes to the manager. Pure.

docs/events.md lists every event and the component that posts it.
"""

from actors.broker.messages import Post
from harness.wire import names
from harness.wire.agent_api import MessageKind
from harness.wire.events import HelperEvent


def to_manager(event: HelperEvent) -> Post:
    """The event as mail to the manager."""
    return to_agent(names.MANAGER, event)


def to_agent(name: str, event: HelperEvent) -> Post:
    """The event as mail to the addressee with this broker name."""
    return Post(names.SYSTEM, name, event.model_dump_json(), MessageKind.EVENT)

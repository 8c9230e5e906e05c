"""The two names of every section.

The playful one is decoration of the default theme; the ordinary one is what the plain theme shows and what
whoever listens to the page hears.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Title:
    """A heading: `leet` is decoration, `plain` is what it is called."""

    leet: str
    plain: str


NEEDS_YOU = Title("N33DS Y0U", "Needs you")
CONTAINERS = Title("C0NTAINERS", "Containers")
INBOX = Title("0PER4T0R 1NB0X", "Operator inbox")
FLOW = Title("MESS4GE FL0W", "Message flow")
TREE = Title("4CT0R TR33", "Actor tree")
DRAWING = Title("TH3 S4ME, DR4WN", "The same tree, drawn")
TURN_LOG = Title("TURN L0G", "Turn log")
JOURNAL = Title("J0URN4L", "Journal")
STATS = Title("ST4TS", "Stats")
KEYS = Title("K3YS", "Keyboard")
LOGIN = Title("WH0 G0ES TH3RE", "Log in")
AGENT_INBOX = Title("1NB0X", "Inbox")

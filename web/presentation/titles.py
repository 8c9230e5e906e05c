"""The two names of every section and button.

The playful name decorates the default theme; the plain theme shows the ordinary name, and a screen reader reads it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Title:
    """A heading or the label of a button: `leet` is decoration, `plain` is the name."""

    leet: str
    plain: str


ACTION_ITEMS = Title("N33DS Y0U", "Needs you")
CONTAINERS = Title("C0NTAINERS", "Containers")
INBOX = Title("0PER4T0R 1NB0X", "Operator inbox")
FLOW = Title("MESS4GE FL0W", "Message flow")
TREE = Title("4CT0R TR33", "Actor tree")
DRAWING = Title("TH3 S4ME, DR4WN", "The same tree, drawn")
TURN_LOG = Title("TURN L0G", "Turn log")
JOURNAL = Title("J0URN4L", "Journal")
STATS = Title("ST4TS", "Stats")
TALKED_TO = Title("T4LK3D T0", "Talked to")
TERMINAL = Title("T3RM1N4L", "Terminal")
PALETTE = Title("G0 T0, 0R D0", "Go to, or do")
KEYS = Title("K3YS", "Keyboard")
LOGIN = Title("WH0 G0ES TH3RE", "Log in")
SESSIONS = Title("S3SS10NS", "Sessions")
KEPT_REQUESTS = Title("K3PT R3QU3STS", "Kept requests")
AGENT_INBOX = Title("1NB0X", "Inbox")
TOMBSTONES = Title("K3PT ST4T3", "Kept state")
DRAFTS = Title("DR4FTS", "Drafts")
APPROVALS = Title("P3NDING APPR0VALS", "Pending approvals")
APPROVAL = Title("APPR0VAL", "Approval")
REVIEW = Title("R3V13W", "Review")
QUESTIONS = Title("M1ND H4S QU3STI0NS", "Questions")
REMINDERS = Title("QU3U3D R3M1ND3RS", "Queued reminders")
CONFIG = Title("C0NF1G", "Configuration")
COMMITS = Title("L0G", "Log")
TAGS = Title("T4GS", "Tags")
DIFFERENCE = Title("D1FF", "Difference")
FILES = Title("F1L3S", "Files")
LOOSE_ENDS = Title("L00SE 3NDS", "Loose ends")
NOTICES = Title("N0T1CES", "Notices")
SEARCH = Title("S34RCH", "Search")
WHY = Title("WHY D1D TH1S H4PPEN", "Why did this happen")
EFFECTS = Title("WH4T D1D TH1S C4USE", "What did this cause")
THREAD = Title("C0NV3RS4T10N", "Conversation")
DECISIONS = Title("D3C1S10NS", "Decisions")
PROMISES = Title("PR0M1S3S", "Promises")

# The labels of buttons.
APPROVE = Title("APPR0VE", "approve")
DENY = Title("D3NY", "deny")
WITHDRAW = Title("W1THDR4W", "withdraw")
REVERT = Title("R3V3RT", "revert")
UNDO = Title("UND0", "undo")
AGAIN = Title("PR0P0S3 4G41N", "propose again")
MAKE_DRAFT = Title("PR3P4R3 4N 4G3NT", "prepare an agent")
CANCEL = Title("C4NC3L", "cancel")
CANCEL_QUESTION = Title("CANC3L", "cancel")
OVERRIDE = Title("0V3RR1D3", "override")
RETRY = Title("R3TRY", "retry")
DROP = Title("DR0P", "drop")
REVIVE = Title("R3V1V3", "revive")
PURGE = Title("PURG3", "purge")
UPDATE_ALL = Title("UPD4TE 4LL", "update all")
REQUEST_SPAWN = Title("R3QU3ST SP4WN", "request spawn")

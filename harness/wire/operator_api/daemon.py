"""The daemon itself: which one it is, what it promises, its actors."""

from harness.wire.model import Done, Reply
from harness.wire.operator_rows import PromiseRow, TreeNode
from harness.wire.verb import OPERATOR_ONLY, OPERATORS, Rows, Verb

from .requests import ByPath, Plain


class AboutReply(Reply):
    """Which hive this is. `loopback`: its model is on this machine, as a rehearsal's is."""

    pid: int
    state_dir: str
    run_dir: str
    runtime: str
    loopback: bool


class VerifyReply(Reply):
    promises: list[PromiseRow]


class TreeReply(Reply):
    tree: TreeNode


class StackReply(Reply):
    """Where an actor's greenlet stands, outermost call first; empty when it only waits for its next message."""

    path: str
    lines: list[str]


ABOUT = Verb("about", Plain, AboutReply, OPERATORS)
VERIFY = Verb("verify", Plain, VerifyReply, OPERATORS)
ACTORS = Verb("actors", Plain, TreeReply, OPERATORS)
ACTOR_STACK = Verb("actor_stack", ByPath, StackReply, OPERATORS)
RESTART_ACTOR = Verb("restart_actor", ByPath, Done, OPERATOR_ONLY)

VERBS: Rows = (ABOUT, VERIFY, ACTORS, ACTOR_STACK, RESTART_ACTOR)

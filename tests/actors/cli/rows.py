"""Rows and trees as a daemon would send them."""

from harness.wire.agent_api import Message
from harness.wire.operator_rows import AgentRow, TreeNode


def message(number: int, sender: str, to: str, body: str, **more) -> Message:
    return Message(id=number, sent_at="2026-01-02T03:04:05.000Z", to=to, body=body, **{"from": sender}, **more)


def agent(name: str, **more) -> AgentRow:
    return AgentRow(name=name, **more)


def tree() -> TreeNode:
    actor = {"kind": "actor", "state": "running", "restart": "permanent", "mailbox": 0, "handled": 7}
    broker = {"name": "broker", **actor, "restarts": 2, "last_error": "ValueError: no", "uptime_seconds": 75.2}
    web = {"name": "web", **actor, "kind": "process", "pid": 4711, "mailbox": None, "handled": None}
    alice = {"name": "alice", "kind": "supervisor", "state": "running", "strategy": "one_for_all", "children": [web]}
    agents = {"name": "agents", "kind": "supervisor", "state": "running", "children": [alice]}
    root = {
        "name": "hive",
        "kind": "supervisor",
        "state": "running",
        "strategy": "one_for_one",
        "uptime_seconds": 90061,
    }
    return TreeNode.model_validate(root | {"children": [broker, agents, {"name": "gateway", **actor}]})

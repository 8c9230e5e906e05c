"""Live events as an agent can forge them: it can write into its Claude's output, and a model calls tools with anything."""

import copy
import json

from harness.wire.boundary.frame import shown
from tests.redteam import hostile

TOOLS = (
    "Bash", "Read", "Edit", "Write", "MultiEdit", "TodoWrite", "Grep", "Glob", "WebFetch", "Task", "NotebookEdit",
    "mcp__hive__send", "mcp__hive__ask", "mcp__hive__recv", "mcp__hive__remind", "mcp__hive__set_status", "mcp__x__y",
)  # fmt: skip
ARGUMENTS = {
    "command": "ls", "description": "look", "file_path": "/x", "offset": 3, "limit": 4, "old_string": "a\nb",
    "new_string": "a\nc", "content": "text", "edits": [{"old_string": "a", "new_string": "b"}],
    "todos": [{"content": "a", "status": "pending"}], "pattern": "p", "prompt": "do", "url": "https://example.org/",
    "to": "bob", "body": "hello", "question": "which?", "options": ["a"], "message": "later", "delay_seconds": 3,
}  # fmt: skip


def message(chance):
    """A message of Claude's stream."""
    blocks = [
        {"type": "text", "text": "see https://example.org/"},
        {"type": "thinking", "thinking": "so"},
        {"type": "tool_use", "name": chance.choice(TOOLS), "input": copy.deepcopy(ARGUMENTS)},
        {"type": "tool_result", "is_error": False, "content": [{"type": "text", "text": "done"}]},
    ]
    result = {
        "type": "result", "is_error": False, "duration_ms": 5, "total_cost_usd": 0.1, "usage": {"output_tokens": 5}
    }  # fmt: skip
    return chance.choice([
        {"type": chance.choice(["assistant", "user"]), "message": {"content": blocks}},
        result,
        {"type": "system", "subtype": "compact_boundary"},
    ])  # fmt: skip


def event(chance):
    """A live event of which up to three parts are replaced, as the hive stores it."""
    one = copy.deepcopy(chance.choice([*hostile.EVENTS, *({"kind": "stream", "message": message(chance)},) * 10]))
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        hostile.spoil(one, chance)
    return shown(json.loads(json.dumps(one).replace(f'"{hostile.OVERFLOW}"', "1e999")))

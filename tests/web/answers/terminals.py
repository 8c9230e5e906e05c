"""The fake daemon's terminals: one recording of alice's container."""

import json

from harness.wire import times
from harness.wire.errors import not_found
from harness.wire.operator_api.terminals import RecordingReply, TerminalRow, TerminalsReply

ENDED = "20260331-120000-aabbcc"
LINES = [
    {"version": 2, "width": 80, "height": 24, "timestamp": 1_774_958_400},
    [0.2, "o", "alice@hive:~$ "],
    [1.4, "o", "ls state\r\nnotes.md  status.html\r\nalice@hive:~$ "],
]


def terminals_reply(fake, request):
    """The answer to `terminals` and `terminal_recording`; None for another verb."""
    match request.cmd:
        case "terminals":
            row = TerminalRow(
                id=ENDED, agent="alice", opened_at=times.from_ms(fake.now_ms() - 3_600_000), opened_by="operator (uid 7)",
                columns=80, rows=24, open=False, bytes=sum(len(json.dumps(line)) + 1 for line in LINES),
            )  # fmt: skip
            return TerminalsReply(terminals=[row] if request.agent in (None, "alice") else [])
        case "terminal_recording":
            if request.id != ENDED:
                raise not_found(f"terminal {request.id}")
            return RecordingReply(text="".join(json.dumps(line) + "\n" for line in LINES), next=None)
    return None

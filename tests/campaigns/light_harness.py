"""A harness without a Claude: takes mail, works a moment, acknowledges. Standard library only, so that many are cheap.

What it was handed is in `deliveries.jsonl` in its state folder: the id, and whether it was marked as redelivered. In
`asked` is when it asked for mail first, in seconds since the machine was booted.
"""

import json
import os
import random
import socket
import sys
import threading
import time

WORK_SECONDS = 0.02
PAUSE = threading.Event()
"""Never set: what passes is the time of its work, and that between two tries to reach a daemon that is away."""


class Connection:
    """A connection to the daemon, made again whenever it breaks."""

    def __init__(self, line):
        self.line, self.lines = socket.socket(fileno=line), None

    def ask(self, **request):
        """The reply; None when the connection broke: the request may or may not have been carried out."""
        try:
            if self.lines is None:
                self.line.send(b"connect")
                said, handles, _, _ = socket.recv_fds(self.line, 256, 1)
                if said != b"ok":
                    raise OSError(said)
                connection = socket.socket(fileno=handles[0])
                self.lines = connection.makefile("rwb", buffering=0)
                connection.close()
            self.lines.write(json.dumps(request).encode() + b"\n")
            line = self.lines.readline()
        except OSError:
            line = b""
        if not line:
            self.lines = None
            PAUSE.wait(0.02)
            return None
        reply = json.loads(line)
        return reply if reply["ok"] else None

    def insist(self, **request):
        while (reply := self.ask(**request)) is None:
            continue
        return reply


def main():
    if os.path.exists(os.path.join(os.environ["HIVE_STATE_DIR"], "doomed")):
        print("I cannot work", flush=True)
        return 3
    daemon = Connection(int(os.environ["HIVE_HARNESS_LINE"]))
    with open(os.path.join(os.environ["HIVE_STATE_DIR"], "deliveries.jsonl"), "a") as log:
        work(daemon, log)
    return 0


def work(daemon, log):
    daemon.insist(cmd="requeue_inflight")
    if "HIVE_CHECK" in os.environ:
        works = {"kind": "checked", "sha": os.environ["HIVE_CHECK"], "reason": None}
        daemon.insist(cmd="publish", events=[works])
    with open(os.path.join(os.environ["HIVE_STATE_DIR"], "asked"), "w") as asked:
        asked.write(str(time.clock_gettime(time.CLOCK_BOOTTIME)))
    while True:
        reply = daemon.ask(cmd="recv", wait_seconds=60, max=4)
        if reply is None:
            # The answer that got lost may have leased something; nothing is in hand here.
            daemon.insist(cmd="requeue_inflight")
            continue
        for message in reply["messages"]:
            print(json.dumps([message["id"], message["redelivered"]]), file=log, flush=True)
        if reply["messages"]:
            PAUSE.wait(random.random() * WORK_SECONDS)
            daemon.insist(cmd="ack_turn")


if __name__ == "__main__":
    sys.exit(main())

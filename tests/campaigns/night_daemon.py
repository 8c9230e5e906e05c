"""`python -m tests.campaigns.night_daemon FILE`: the daemon, on a machine whose nights are short.

`orders.json` beside FILE may say `clock_ms`, by which the wall clock is ahead, and `revision`, which this hive has
instead of its own. Harnesses pause a fortieth of the usual time between two tries of a turn.
"""

import json
import sys
import time
from pathlib import Path

from actors.agent.container import launch
from actors.updates import installed

RETRY_SECONDS = "0.05"


class Orders:
    """What the test wants of this process; read again when the file changes."""

    def __init__(self, path):
        self.path, self.seen, self.words = path, None, {}

    def get(self, key, default):
        try:
            at = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return default
        if at != self.seen:
            self.seen, self.words = at, json.loads(self.path.read_text())
        return self.words.get(key, default)


def main(file):
    orders = Orders(Path(file).with_name("orders.json"))
    real_ns, real, environment, revision = (
        time.time_ns,
        time.time,
        launch.harness_environment,
        installed.revision,
    )
    time.time_ns = lambda: real_ns() + orders.get("clock_ms", 0) * 1_000_000
    time.time = lambda: real() + orders.get("clock_ms", 0) / 1000
    launch.harness_environment = lambda *args, **kwargs: {
        **environment(*args, **kwargs),
        "HIVE_RETRY_SECONDS": RETRY_SECONDS,
    }
    installed.revision = lambda: orders.get("revision", None) or revision()

    from actors.cli.main import main as hive

    hive(["serve", "--config", file])


if __name__ == "__main__":
    main(sys.argv[1])

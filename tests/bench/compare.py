"""Two checkouts side by side: `python -m tests.bench.compare ../before` prints JSON about this one relative to that one.

Both brokers are up all the time and are loaded in turn, a second each, the order changing from round to round: what the
machine does meanwhile meets both. A ratio is the median over the rounds; processor time is of the broker's process.
Each checkout uses its own `.venv`.
"""

import contextlib
import json
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_broker import ROOT, broker_of, load

ROUNDS = 10
CONNECTIONS = (1, 64, 256)


def run(before):
    with contextlib.ExitStack() as stack:
        places = {"before": Path(before).resolve(), "after": ROOT}
        brokers = {
            name: stack.enter_context(broker_of(place, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
            for name, place in places.items()
        }
        return {"sends_per_second": {str(number): compare(brokers, number) for number in CONNECTIONS}}


def compare(brokers, connections):
    rates, costs = {name: [] for name in brokers}, {name: [] for name in brokers}
    for number in range(ROUNDS):
        for name in sorted(brokers, reverse=bool(number % 2)):
            addresses, process = brokers[name]
            busy = seconds_of(process)
            done = load("hive", addresses, connections=connections, seconds=1)["per_second"]
            rates[name].append(done)
            costs[name].append((seconds_of(process) - busy) / done)
    return {
        "before": statistics.median(rates["before"]),
        "after": statistics.median(rates["after"]),
        "ratio": round(
            statistics.median(after / before for after, before in zip(rates["after"], rates["before"], strict=True)), 3
        ),
        "processor_us_per_message": {
            name: round(statistics.median(values) * 1e6, 1) for name, values in sorted(costs.items())
        },
    }


def seconds_of(process):
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1]), indent=2))

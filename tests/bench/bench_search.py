"""Searches over a million messages, and what the index costs: `python -m tests.bench.bench_search [ROWS]` prints JSON.

The index is filled as the actor fills it, batch by batch, without its pauses; the searches are those an operator makes,
a common word, a rare one, two common ones, filters, a phrase, a prefix, the last page. `sends` in place of ROWS loads brokers with and
without an index behind them: what a send loses by it.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from actors.search import documents, index, query
from tests.bench.bench_broker import ROOT, broker_of, load
from tests.bench.load import percentile

WORDS = 20_000
BODY_WORDS = 40
BATCH = 500
EACH = 30
PAIRS = 7
SECONDS = 5
NOW_MS = 1_790_000_000_000
QUERIES = (
    "w1", "w15000", "w1 w2", "w3 w900 from:agent7", "agent:agent11", '"w1 w2"', "w19*", "w2 -w1", "to:manager w12",
    "w5 after:1d", "before:2026-01-01 w7", "in:message w40 w41", "nothingatall", "w1 w2 w3 w4",
)  # fmt: skip


def run(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "search.sqlite"
        writer = index.open_writer(path)
        took = fill(writer, rows)
        reader = index.open_reader(path)
        found = {one: search(reader, one) for one in QUERIES}
        every = [seconds for times in found.values() for seconds in times]
        return {
            "rows": rows,
            "indexed_per_second": round(rows / took),
            "file_mb": (path.stat().st_size + path.with_name(path.name + "-wal").stat().st_size) // 2**20,
            "p50_ms": milliseconds(every, 0.5),
            "p95_ms": milliseconds(every, 0.95),
            "p99_ms": milliseconds(every, 0.99),
            "by_query": {
                one: {"p50_ms": milliseconds(times, 0.5), "p95_ms": milliseconds(times, 0.95)}
                for one, times in found.items()
            },
        }


def fill(writer, rows):
    chosen, began = random.Random(11), time.perf_counter()
    words = [f"w{number}" for number in range(WORDS)]
    # Zipf: the first words stand in most messages, the last in a few.
    weights = [1 / (number + 1) for number in range(WORDS)]
    names = [f"agent{number}" for number in range(100)]
    for start in range(1, rows + 1, BATCH):
        batch = [
            documents.message(
                (
                    number,
                    NOW_MS - (rows - number) * 2_000,
                    chosen.choice(names),
                    chosen.choice([*names, "manager"]),
                    " ".join(body),
                )
            )
            for number, body in (
                (number, chosen.choices(words, weights, k=BODY_WORDS))
                for number in range(start, min(start + BATCH, rows + 1))
            )
        ]
        index.add(writer, "messages", batch, (batch[-1].key, batch[-1].at))
    return time.perf_counter() - began


def search(reader, text):
    took = []
    for _ in range(EACH):
        began = time.perf_counter()
        index.find(reader, query.parse(text, NOW_MS), 20, None)
        took.append(time.perf_counter() - began)
    return took


def milliseconds(seconds, share):
    return round(percentile(seconds, share) * 1000, 1)


def sends():
    """A broker with an index behind it and one without, one after the other: the index works on between two loads."""
    rates = {False: [], True: []}
    for number in range(2 * PAIRS):
        searched = bool(number % 2)
        with tempfile.TemporaryDirectory() as folder:
            options = ("--search",) if searched else ()
            with broker_of(ROOT, Path(folder), sys.executable, *options) as (addresses, _process):
                rates[searched].append(load("hive", addresses, connections=64, seconds=SECONDS)["per_second"])
    pairs = [after / before for before, after in zip(rates[False], rates[True], strict=True)]
    return {
        "sends_per_second": {
            "without": statistics.median(rates[False]),
            "with_the_index": statistics.median(rates[True]),
        },
        "ratio": round(statistics.median(pairs), 3),
        "ratios": [round(one, 2) for one in sorted(pairs)],
    }


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    print(json.dumps(sends() if wanted == "sends" else run(int(wanted)), indent=2))

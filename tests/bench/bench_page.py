"""The dashboard at 60 and at 1,000 agents: a real Chromium on the real web process, in front of a fake daemon.

What is measured: the first byte of the page, when it can be used, its size as sent, what one change of one agent sends,
the requests of an idle page, the longest task while 500 messages arrive, and how late 200 streams get an event.
"""

import contextlib
import http.client
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path

from harness.wire.operator_rows import AgentRow
from tests.web import sample_rows
from tests.web.browser.chromium import Browser
from tests.web.browserless import TOKEN
from tests.web.fake_daemon import FakeDaemon
from tests.web.test_web_process import running

SIZES = (60, 1_000)
LOADS = 15
IDLE_SECONDS = 30.0
BURST = 500
STREAMS = 200
STREAM_EVENTS = 20
LIMITS = {
    "first_byte_p50_ms": 60,
    "usable_p50_ms": 1_000,
    "document_bytes": 150_000,
    "change_bytes": 10_000,
    "idle_requests": 0,
    "longest_task_ms": 100,
    "stream_p99_ms": 50,
}
STATES = ("idle", "idle", "idle", "thinking", "idle", "compacting")

WATCH_TASKS = """
window.tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => tasks.push(one.duration))).observe({ type: "longtask", buffered: false });
"""
WATCH_REQUESTS = """
window.sent = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => sent.push([new URL(one.name).pathname, one.encodedBodySize]))).observe({ type: "resource" });
"""
TIMING = """
const page = performance.getEntriesByType("navigation")[0];
return [page.responseStart - page.requestStart, page.encodedBodySize, page.decodedBodySize, document.documentElement.dataset.usableAt];
"""
USABLE = """
new MutationObserver((_, watch) => {
  if (document.documentElement.dataset.live === "on") {
    document.documentElement.dataset.usableAt = performance.now();
    watch.disconnect();
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-live"] });
"""


def run() -> dict[str, object]:
    """One set of figures for each size of the hive, and the limits that hold for all of them."""
    return {**{f"agents_{size}": measure(size) for size in SIZES}, "limits": LIMITS}


def measure(size: int, idle_seconds: float = IDLE_SECONDS) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="hive-bench-page-") as name:
        folder = Path(name)
        fake = busy_hive(folder / "web.sock", size).start()
        with running(fake, folder) as process, contextlib.closing(Browser(folder / "profile")) as browser:
            browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": USABLE})
            browser.log_in(process.url, TOKEN)
            figures = {
                **loads(browser),
                **one_change(browser, fake),
                **idle(browser, idle_seconds),
                **burst(browser, fake),
                **streams(process, fake),
                "faults": browser.faults(),
            }
        fake.stop()
    return figures


def busy_hive(path: Path, size: int) -> FakeDaemon:
    """The sample rows, with their needs, and workers that have turns."""
    fake = FakeDaemon(path)
    sample_rows.populate(fake)
    for number in range(size - len(fake.agents)):
        worker = fake.agents["alice"].model_copy(
            update={
                "name": f"worker-{number:04}",
                "container": f"worker-{number:04}",
                "state": STATES[number % len(STATES)],
                "needs_update": False,
            }
        )
        fake.agents[worker.name] = AgentRow.model_validate(worker.as_frame())
    return fake


def loads(browser: Browser) -> dict[str, object]:
    first, usable, size, raw = [], [], 0, 0
    for _ in range(LOADS):
        browser.open("/")
        browser.until("document.documentElement.dataset.usableAt")
        byte, size, raw, at = browser.js(TIMING)
        first.append(byte)
        usable.append(float(at))
    return {
        "first_byte_p50_ms": round(statistics.median(first), 1),
        "first_byte_worst_ms": round(max(first), 1),
        "usable_p50_ms": round(statistics.median(usable)),
        "document_bytes": size,
        "document_raw_bytes": raw,
        "loads": LOADS,
    }


def one_change(browser: Browser, fake: FakeDaemon) -> dict[str, object]:
    """What the page reads after one agent has changed, to the last request."""
    browser.open("/")
    quiet(browser)
    browser.js(WATCH_REQUESTS)
    began = time.perf_counter()
    fake.set_agent("alice", pending=41, status_text="changed")
    browser.until("document.querySelector('#agent-alice .c-queue').innerText.includes('41')")
    seen = (time.perf_counter() - began) * 1000
    quiet(browser)
    sent = browser.js("return sent")
    return {"change_bytes": sum(size for _, size in sent), "change_requests": sent, "change_seen_ms": round(seen, 1)}


def idle(browser: Browser, seconds: float) -> dict[str, object]:
    """The requests of a page that nothing happens to. The time is what is measured."""
    browser.open("/")
    quiet(browser)
    browser.js(WATCH_REQUESTS)
    time.sleep(seconds)
    return {"idle_requests": len(browser.js("return sent")), "idle_seconds": seconds}


def burst(browser: Browser, fake: FakeDaemon) -> dict[str, object]:
    browser.open("/")
    quiet(browser)
    browser.js(WATCH_TASKS)
    workers = [name for name in fake.agents if name.startswith("worker")]
    began = time.perf_counter()
    for number in range(BURST):
        fake.say("manager", workers[number % len(workers)], f"message {number} of the burst")
    browser.until("document.querySelector('#flow [data-rows]').lastElementChild.innerText.includes('message 499 of')")
    shown = (time.perf_counter() - began) * 1000
    quiet(browser)
    tasks = browser.js("return tasks")
    return {"longest_task_ms": round(max(tasks, default=0)), "long_tasks": len(tasks), "burst_shown_ms": round(shown)}


def streams(process, fake: FakeDaemon) -> dict[str, object]:
    """How long after an event 200 clients of the stream have it, over all clients and events."""
    clients = [Stream(process.port) for _ in range(STREAMS)]
    try:
        for client in clients:
            client.ready.wait(20)
        late = []
        for number in range(STREAM_EVENTS):
            began = time.perf_counter()
            fake.emit("notice", {"level": "info", "text": f"event {number}"})
            for client in clients:
                late.append((client.next(fake.seq) - began) * 1000)
        late.sort()
        return {
            "stream_p50_ms": round(late[len(late) // 2], 1),
            "stream_p99_ms": round(late[int(len(late) * 0.99)], 1),
            "streams": STREAMS,
        }
    finally:
        for client in clients:
            client.close()


class Stream:
    """A client of the whole stream, in a thread: the moment at which each event came."""

    def __init__(self, port: int) -> None:
        self.ready = threading.Event()
        self._at: dict[int, float] = {}
        self._came = threading.Condition()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request("GET", "/events", headers={"Authorization": f"Bearer {TOKEN}"})
        self._answer = self._connection.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            while line := self._answer.readline():
                now = time.perf_counter()
                if line.startswith(b"event: link"):
                    self.ready.set()
                if line.startswith(b"id: "):
                    with self._came:
                        self._at[int(line[4:])] = now
                        self._came.notify_all()

    def next(self, seq: int) -> float:
        with self._came:
            self._came.wait_for(lambda: seq in self._at, 20)
            return self._at[seq]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.sock.shutdown(2)
        self._connection.close()


def quiet(browser: Browser) -> None:
    """Wait until the page has made no request for a while."""
    browser.js(
        "window.lastSent = performance.now(); new PerformanceObserver(() => { window.lastSent = performance.now() }).observe({ type: 'resource' })"
    )
    browser.until("performance.now() - window.lastSent > 1500")


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))

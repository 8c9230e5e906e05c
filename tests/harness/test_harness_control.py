"""The operator's commands as they reach the harness, against a real socket."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from harness.claude.frames import Frame
from harness.control.channel import ControlChannel
from harness.control.login import Login, _complete_url
from harness.daemon.client import DaemonClient
from harness.daemon.report import Report
from harness.wire.events import HarnessState
from tests.harness.settings import settings

NOW_MS = 1_900_000_000_000


class Events:
    """An outbox that keeps what it is given."""

    def __init__(self):
        self.frames = []

    def add_event(self, event):
        self.frames.append(event.as_frame())

    def kinds(self):
        return [frame["kind"] for frame in self.frames]

    def notes(self):
        return [frame["text"] for frame in self.frames if frame["kind"] == "note"]


class Scene:
    """A control channel of an agent that needs no login, and what it reports."""

    def __init__(self, daemon):
        self.events = Events()
        self.report = Report(self.events, lambda: NOW_MS)
        self.channel = ControlChannel(self.report)
        self.login = Login(settings(), self.report, self.channel.changed.set)
        self.client = DaemonClient(daemon.path)

    @asynccontextmanager
    async def running(self):
        async def nothing_to_cancel():
            return False

        task = asyncio.create_task(self.channel.run(self.client, self.login, nothing_to_cancel))
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})
            await self.client.close()


def polls(number):
    return lambda daemon: daemon.cmds().count("control") >= number


def test_commands_for_between_turns_are_queued_in_order_and_the_others_are_carried_out(daemon):
    for action, value in (("model", "opus"), ("pause", None), ("cancel", None), ("compact", None), ("dance", None)):
        daemon.command(action, value)

    async def play():
        async with Scene(daemon).running() as scene:
            await scene.channel.ready.wait()
            return scene

    scene = asyncio.run(play())
    assert [(command.action, command.value) for command in scene.channel.commands] == [
        ("model", "opus"),
        ("compact", None),
    ]
    assert scene.channel.paused
    assert scene.channel.changed.is_set()
    assert scene.events.notes() == [
        "paused",
        "there is no turn to cancel",
        "the daemon sends the command 'dance', which this harness does not know",
    ]


def test_a_daemon_that_comes_back_gets_the_state_the_credentials_and_the_model_once_more(daemon):
    async def play():
        async with Scene(daemon).running() as scene:
            scene.report.state(HarnessState.IDLE)
            scene.report.model("opus")
            await asyncio.to_thread(daemon.wait, polls(2))
            daemon.stop()
            daemon.start()
            daemon.command("cancel")
            await asyncio.to_thread(daemon.wait, polls(4))
            return scene.events.kinds()

    kinds = asyncio.run(play())
    assert sorted(kinds[:3]) == ["credentials", "model", "state"]
    assert kinds[3:] == ["state", "credentials", "model", "note"]


@pytest.mark.parametrize(
    ("output", "url"),
    [("If it does not open: https://a.test/x?y=1\n", "https://a.test/x?y=1"), ("https://a.test/half", None), ("Opening…", None),
     ("\x1b[1mhttps://a.test/x\x1b[0m", "https://a.test/x")],
)  # fmt: skip
def test_a_login_link_is_shown_when_it_is_complete(output, url):
    assert _complete_url(output) == url


def retry(error: str) -> Frame:
    return {"type": "system", "subtype": "api_retry", "error": error, "retry_delay_ms": 1500}


def test_a_short_limit_that_claude_waits_for_shows_in_the_state_until_its_next_frame():
    events = Events()
    report = Report(events, lambda: NOW_MS)
    report.state(HarnessState.THINKING)
    report.frame(retry("rate_limit"))
    report.frame({"type": "assistant"})
    report.frame({"type": "assistant"})
    states = [(frame["state"], frame.get("until")) for frame in events.frames if frame["kind"] == "state"]
    assert states == [("thinking", None), ("rate_limited", "2030-03-17T17:46:41.500Z"), ("thinking", None)]

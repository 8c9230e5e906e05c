"""The play: the operator asks for a report, then for a new agent and a change, then thanks each agent.

It goes on from one event of the hive to the next. The only bound is on how long nothing of what is missing happens:
a machine under load makes the play longer, and does not end it.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.demo import decisions as second_act
from actors.cli.demo import operator, ports, report
from actors.cli.demo.decisions import NEWCOMER, Decisions
from actors.cli.demo.progress import Progress
from actors.cli.demo.stage import Stage
from actors.cli.demo.story import ALICE, BOB, REQUEST, THANKS, THANKS_EACH, Story
from actors.cli.demo.transcript import Transcript
from actors.operator_token import dashboard_url, read_or_make
from harness.wire.errors import HiveError
from harness.wire.names import MANAGER


def run(*, once: bool, keep: bool, seconds: float, runtime: str, web_port: int | None) -> int:
    """The whole demo; its exit code is 1 when something that was expected did not happen."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    transcript = Transcript()
    with ports.dashboard(web_port, wanted=not once) as port:
        stage = Stage(settings={"runtime": runtime, "web_port": port}, keep=keep, step_seconds=seconds)
        try:
            with stage:
                transcript.say(f"the hive is up in {stage.folder}")
                missing = _perform(stage, transcript, seconds)
                if not once:
                    _stay(stage, transcript)
        except HiveError:
            if stage.log_tail:
                click.echo(output.plain(stage.log_tail), err=True)
            raise
        except KeyboardInterrupt:
            click.echo("stopped")
            return 0
        finally:
            if keep:
                click.echo(f"kept: {stage.folder}")
    return 1 if missing else 0


def _perform(stage: Stage, transcript: Transcript, seconds: float) -> list[str]:
    """Both acts and the report; returns what was expected and did not happen."""
    story, decisions = Story(), Decisions()
    with DaemonClient(stage.config.host_socket) as events, DaemonClient(stage.config.host_socket) as daemon:
        Play(events, daemon, story, decisions, transcript=transcript, step_seconds=seconds).run()
        missing = story.missing() + decisions.missing() + _missing_file(stage)
        report.show(story, decisions, daemon.request("actors")["tree"], missing)
    return missing


class Play:
    """The acts in order. `events` is subscribed here; `daemon` carries the operator's requests."""

    def __init__(
        self,
        events: DaemonClient,
        daemon: DaemonClient,
        story: Story,
        decisions: Decisions,
        *,
        transcript: Transcript,
        step_seconds: float,
    ) -> None:
        self._events = events
        self._daemon = daemon
        self._story = story
        self._decisions = decisions
        self._transcript = transcript
        self._step_seconds = step_seconds

    def run(self) -> None:
        """Play until everything happened, a turn failed, or nothing happened for too long."""
        self._events.request("events")
        for name in (ALICE, BOB):
            self._daemon.request("spawn", name=name)
            self._transcript.say(f"{name} is there")
        self._story.request = self._send(MANAGER, REQUEST)
        if not self._follow(self._story.missing):
            return
        self._decisions.request = self._send(MANAGER, second_act.REQUEST)
        self._decisions.over = self._follow(self._decisions.missing)
        if not self._decisions.over:
            return
        for name in (ALICE, BOB, NEWCOMER, MANAGER) * THANKS_EACH:
            self._story.thank(name)
            self._send(name, THANKS.format(name=name))
            if not self._follow(self._story.missing):
                return

    def _follow(self, missing: Callable[[], list[str]]) -> bool:
        """Take events until nothing is missing; False when nothing more can be expected."""
        progress = Progress(self._step_seconds)
        while lacking := missing():
            if self._story.failed_turns():
                return False
            event = self._events.waiting(progress.seconds_left(lacking, time.monotonic()))
            if event is None:
                self._transcript.say(f"nothing of what is missing happened for {self._step_seconds:g} s")
                return False
            self._story.take(event)
            self._decisions.take(event)
            self._transcript.event(event)
            operator.perform(self._daemon, self._decisions, self._transcript.say)
        return True

    def _send(self, to: str, body: str) -> int:
        number: int = self._daemon.request("send", to=to, body=body)["id"]
        return number


def _missing_file(stage: Stage) -> list[str]:
    state = stage.config.state_dir / "agents" / BOB / "state"
    return [] if any(state.glob("*.md")) else [f"{BOB} left no file in {state}"]


def _stay(stage: Stage, transcript: Transcript) -> None:
    """Show what happens until Ctrl-C, so that the operator can look around."""
    url = dashboard_url(stage.config, read_or_make(stage.config.token_file))
    click.echo(
        f"\nThe dashboard: {url}\nFrom a shell:  HIVE_RUN_DIR={stage.config.run_dir} hive actors\nCtrl-C ends it.\n"
    )
    with DaemonClient(stage.config.host_socket) as events:
        events.request("events")
        for event in events.frames():
            transcript.event(event)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)

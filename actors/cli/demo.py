"""`hive demo`: the operator asks, hm1nd delegates, alice and bob work with the real Claude Code, hm1nd reports.

Then hm1nd proposes a newcomer and a change, and the operator decides. The model is the rehearsal's: no account, no
tokens. With `--once` it is also a test of the whole machine.
"""

import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import click

from actors.cli import demo_decisions, demo_operator, demo_story, output, tree
from actors.cli.client import HostClient
from actors.cli.demo_decisions import NEWCOMER, Decisions
from actors.cli.demo_stage import Stage
from actors.cli.demo_story import HANDS, MANAGER, REQUEST, THANKS, THANKS_EACH, WRITER, Story
from actors.operator_token import dashboard_url, read_or_make
from harness.wire.errors import HiveError

STORY_SECONDS = 120.0
DASHBOARD_PORT = 7000


@click.command()
@click.option("--once", is_flag=True, help="End after the report; the exit code says whether everything happened.")
@click.option("--keep", is_flag=True, help="Keep the demo's folder.")
@click.option("--seconds", type=float, default=STORY_SECONDS, show_default=True, help="How long it may take.")
@click.option("--runtime", default="auto", show_default=True, help="What the agents run in.")
@click.option("--web-port", type=int, help="The dashboard's port. [default: 7000 or a free one; none with --once]")
def demo(*, once: bool, keep: bool, seconds: float, runtime: str, web_port: int | None) -> None:
    """Show a whole hive at work, without an account.

    The operator asks for something, the manager delegates, alice uses Bash in her sandbox, bob writes a file, both
    answer, the manager reports. Then the manager prepares a new agent and a change of bob's with git; the operator
    looks at the diffs, approves the one and denies the other; the newcomer greets, asks, and is reminded. At the end
    everybody is thanked, which shows what a turn costs when claude is warm. Scripts play the model and the operator;
    all else is real.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    began = time.monotonic()
    port = web_port if web_port is not None else 0 if once else _free_port(DASHBOARD_PORT)
    settings = {"runtime": runtime, "web_port": port}
    story, decisions = Story(), Decisions()
    stage = Stage(settings=settings, keep=keep, deadline=began + seconds)
    try:
        with stage:
            _say(began, f"the hive is up in {stage.folder}")
            _play(stage, story, decisions, began, began + seconds)
            lacking = story.missing() + decisions.missing() + _lacking_file(stage)
            _report(stage, story, decisions, lacking)
            if not once:
                _stay(stage, began)
    except HiveError:
        if stage.log_tail:
            click.echo(output.plain(stage.log_tail), err=True)
        raise
    except KeyboardInterrupt:
        click.echo("stopped")
        return
    finally:
        if keep:
            click.echo(f"kept: {stage.folder}")
    sys.exit(1 if lacking else 0)


def _play(stage: Stage, story: Story, decisions: Decisions, began: float, deadline: float) -> None:
    """Two requests, one after the other; when both are done, a word of thanks to each. Follows the events meanwhile."""

    def follow(missing: Callable[[], list[str]]) -> bool:
        """Until nothing is missing; False when time is up."""
        while missing() and (event := events.waiting(deadline - time.monotonic())):
            story.take(event)
            decisions.take(event)
            _tell(event, began)
            demo_operator.perform(host, decisions, lambda text: _say(began, text))
        return not missing()

    with HostClient(stage.config.host_socket) as events, HostClient(stage.config.host_socket) as host:
        events.request("events")
        for name in (HANDS, WRITER):
            host.request("spawn", name=name)
            _say(began, f"{name} is there")
        story.request = host.request("send", to=MANAGER, body=REQUEST)["id"]
        if not follow(story.missing):
            return
        decisions.request = host.request("send", to=MANAGER, body=demo_decisions.REQUEST)["id"]
        decisions.over = follow(decisions.missing)
        if not decisions.over:
            return
        for name in (HANDS, WRITER, NEWCOMER, MANAGER) * THANKS_EACH:
            story.thank(name)
            host.request("send", to=name, body=THANKS.format(name=name))
            if not follow(story.missing):
                return


def _lacking_file(stage: Stage) -> list[str]:
    state = stage.config.state_dir / "agents" / WRITER / "state"
    return [] if any(state.glob("*.md")) else [f"{WRITER} left no file in {state}"]


def _tell(event: dict[str, Any], began: float) -> None:
    data = event["data"]
    if event["kind"] == "message":
        _say(began, f"{click.style(data['from'], bold=True)} → {data['to']}: {output.one_line(data['body'], 90)}")
    elif event["kind"] == "turn":
        stats = data["stats"]
        warmth = "cold" if stats["cold"] else "warm"
        _say(
            began,
            click.style(f"{data['agent']}: {warmth} turn, {stats['duration_ms']} ms, {stats['outcome']}", dim=True),
        )
    elif event["kind"] == "notice":
        _say(began, output.one_line(data.get("text", ""), 120))


def _report(stage: Stage, story: Story, decisions: Decisions, lacking: list[str]) -> None:
    with HostClient(stage.config.host_socket) as host:
        root = host.request("actors")["tree"]
    click.echo()
    click.echo(output.table(demo_story.message_rows(story), ("", "FROM", "TO", "WHAT")) + "\n")
    click.echo(output.table(demo_decisions.rows(decisions), demo_decisions.HEADER) + "\n")
    click.echo(output.table(demo_story.turn_rows(story), demo_story.TURN_HEADER) + "\n")
    click.echo(tree.render(root) + "\n")
    for sentence in lacking:
        click.echo(f"Missing: {output.plain(sentence)}", err=True)
    if not lacking:
        click.echo(click.style("Everything that was expected happened.", fg="green"))


def _stay(stage: Stage, began: float) -> None:
    """Stay up for the operator, telling what happens, until Ctrl-C."""
    url = dashboard_url(stage.config, read_or_make(stage.config.token_file))
    click.echo(
        f"\nThe dashboard: {url}\nFrom a shell:  HIVE_RUN_DIR={stage.config.run_dir} hive actors\nCtrl-C ends it.\n"
    )
    with HostClient(stage.config.host_socket) as events:
        events.request("events")
        for event in events.frames():
            _tell(event, began)


def _say(began: float, text: str) -> None:
    click.echo(f"{time.monotonic() - began:6.2f} s  {text}")
    sys.stdout.flush()


def _free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else a port that is free now."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)

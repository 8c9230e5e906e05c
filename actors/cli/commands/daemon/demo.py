"""`hive demo`: a whole hive at work against the rehearsal model, which needs no account and no tokens."""

import sys

import click

from actors.cli.demo import play


@click.command()
@click.option("--once", is_flag=True, help="End after the report; the exit code says whether everything happened.")
@click.option("--keep", is_flag=True, help="Keep the demo's folder.")
@click.option(
    "--seconds", type=float, default=120.0, show_default=True, help="How long to wait for the next thing to happen."
)
@click.option("--runtime", default="auto", show_default=True, help="What the agents run in.")
@click.option("--web-port", type=int, help="The dashboard's port. [default: 7000 or a free one; none with --once]")
def demo(*, once: bool, keep: bool, seconds: float, runtime: str, web_port: int | None) -> None:
    """Show a whole hive at work, without an account.

    The operator asks for something, the manager delegates, alice uses Bash in her sandbox, bob writes a file, both
    answer, the manager reports. Then the manager prepares a new agent and a change of bob's with git; the operator
    looks at the diffs, approves the one and denies the other; the newcomer greets, asks, and is reminded. At the end
    the operator thanks each agent, which shows what a turn costs when claude is warm. Scripts play the model and the
    operator; all else is real.
    """
    sys.exit(play.run(once=once, keep=keep, seconds=seconds, runtime=runtime, web_port=web_port))

"""`hive actors`: the supervised tree, once or live, and the restart of one actor in it."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, json_flag, with_config, with_daemon
from actors.cli.tree import table
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import not_found


@click.group(invoke_without_command=True)
@click.option(
    "-w", "--watch", is_flag=True, help="Full screen: j/k move, enter shows one actor, r restarts it, q quits."
)
@json_flag
@with_config(*PLACES)
@click.pass_context
def actors(context: click.Context, config: DaemonSettings, *, watch: bool, as_json: bool) -> None:
    """Show the supervised tree.

    Each actor with its state, its restarts and their reasons, its uptime and the messages in its mailbox.
    """
    if context.invoked_subcommand is not None:
        return
    with DaemonClient(config.host_socket) as daemon:
        if watch:
            from actors.cli.tree.watch import watch_tree

            with DaemonClient(config.host_socket) as events:
                watch_tree(daemon, events, as_json=as_json)
            return
        root = daemon.request("actors")["tree"]
    if as_json:
        output.print_json(root)
    else:
        click.echo(table.render(root))


@actors.command()
@click.argument("path")
@json_flag
@with_daemon
def show(daemon: DaemonClient, path: str, *, as_json: bool) -> None:
    """Show one actor: its last restarts, its current message and its stack.

    PATH is its place below the root, such as broker or agents/alice/container.
    """
    node = table.find(daemon.request("actors")["tree"], path)
    if node is None:
        raise not_found(f"actor {path!r}", "`hive actors` shows the tree")
    stack = daemon.request("actor_stack", path=path)["lines"] if node.get("uptime_seconds") is not None else []
    if as_json:
        output.print_json(node | {"path": path, "stack": stack})
    else:
        click.echo(table.details(node, path, stack))


@actors.command()
@click.argument("path")
@with_daemon
def restart(daemon: DaemonClient, path: str) -> None:
    """Restart one actor: end it, and let its supervisor start it again.

    Stored data and running containers are untouched: the actor of a container adopts it again.
    """
    daemon.request("restart_actor", path=path)
    click.echo(f"{path} was ended; its supervisor starts it again")

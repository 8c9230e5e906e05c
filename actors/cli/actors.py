"""The supervised tree, once or live, and restarting one of its rooms."""

import click

from actors.cli import output, tree
from actors.cli.client import HostClient
from actors.cli.flags import PLACES, json_flag, with_config, with_host
from actors.config import HostConfig
from harness.wire.errors import not_found


@click.group(invoke_without_command=True)
@click.option("-w", "--watch", is_flag=True, help="Full screen: j/k move, enter shows one, r restarts it, q quits.")
@json_flag
@with_config(*PLACES)
@click.pass_context
def actors(context: click.Context, config: HostConfig, *, watch: bool, as_json: bool) -> None:
    """Show the supervised tree.

    Every room with its state, how often and why it was restarted, how long it is up, what waits in its mailbox.
    """
    if context.invoked_subcommand is not None:
        return
    with HostClient(config.host_socket) as host:
        if watch:
            from actors.cli.watch import watch_tree

            with HostClient(config.host_socket) as events:
                watch_tree(host, events, as_json=as_json)
            return
        root = host.request("actors")["tree"]
    if as_json:
        output.print_json(root)
    else:
        click.echo(tree.render(root))


@actors.command()
@click.argument("path")
@json_flag
@with_host
def show(host: HostClient, path: str, *, as_json: bool) -> None:
    """Show one room: its last restarts, what it does, and its stack.

    PATH is the room's place below the root, such as broker or agents/alice/container.
    """
    node = tree.find(host.request("actors")["tree"], path)
    if node is None:
        raise not_found(f"room {path!r}", "`hive actors` shows the tree")
    stack = host.request("actor_stack", path=path)["lines"] if node.get("uptime_seconds") is not None else []
    if as_json:
        output.print_json(node | {"path": path, "stack": stack})
    else:
        click.echo(tree.details(node, path, stack))


@actors.command()
@click.argument("path")
@with_host
def restart(host: HostClient, path: str) -> None:
    """End one room, so that its supervisor starts it anew.

    Nothing durable is touched, and containers run on: a container's actor takes its container over again.
    """
    host.request("restart_actor", path=path)
    click.echo(f"{path} was ended; its supervisor starts it anew")

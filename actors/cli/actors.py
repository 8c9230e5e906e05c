"""The supervised tree, once or live."""

import click

from actors.cli import output, tree
from actors.cli.client import HostClient
from actors.cli.flags import PLACES, json_flag, with_config
from actors.config import HostConfig


@click.command()
@click.option("-w", "--watch", is_flag=True, help="Redraw when something happens; q quits.")
@json_flag
@with_config(*PLACES)
def actors(config: HostConfig, *, watch: bool, as_json: bool) -> None:
    """Show the supervised tree.

    Every room with its state, how often and why it was restarted, how long it is up, what waits in its mailbox.
    """
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

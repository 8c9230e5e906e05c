"""`hive completion`: the script that completes commands, options and agent names in a shell."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    For bash: eval "$(hive completion bash)" in ~/.bashrc.
    """
    from actors.cli.main import main

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "hive", "_HIVE_COMPLETE").source())

"""A diff in colours, and a long text through the pager."""

import sys

import click

from actors.cli.output import plain

_LINES = {"+": "green", "-": "red", "@": "cyan"}


def coloured(text: str) -> str:
    """A diff in the usual colours, without anything that a terminal would obey."""
    return "\n".join(_line(plain(line)) for line in text.split("\n"))


def page(text: str) -> None:
    """Print `text` through the pager on a terminal, as it is elsewhere."""
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def _line(line: str) -> str:
    if line.startswith(("diff ", "+++ ", "--- ")):
        return click.style(line, bold=True)
    return click.style(line, fg=_LINES.get(line[:1]))

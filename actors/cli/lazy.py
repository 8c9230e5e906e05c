"""A click group that knows its commands by name and imports the module of one only when it is called.

`hive --help` prints the help lines of the list, so it imports no command; a test compares them with the commands' own.
"""

from importlib import import_module
from typing import Any, NamedTuple

import click

from actors.cli.output import colour_wanted, plain
from actors.setting_kinds import SettingsError
from harness.wire.errors import HiveError


class Entry(NamedTuple):
    """A command: its name, its place (`module:attribute` below the package of the group) and its help in one line."""

    name: str
    place: str
    help: str


class Failed(click.ClickException):
    """A HiveError on its way to the terminal: `Error: …`, `Try: …`, exit code 1."""

    def __init__(self, error: HiveError) -> None:
        super().__init__(error.message)
        self.hint = error.hint

    def show(self, file: Any = None) -> None:
        click.echo(f"Error: {plain(self.message)}", err=True, file=file)
        if self.hint:
            click.echo(f"Try: {plain(self.hint)}", err=True, file=file)


class Misused(Failed):
    """A SettingsError on its way to the terminal: exit code 2."""

    exit_code = 2


class LazyGroup(click.Group):
    """Commands from a list of entries, grouped under headings in the help."""

    def __init__(self, *args: Any, package: str, sections: dict[str, list[Entry]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.package = package
        self.sections = sections
        self._entries = {entry.name: entry for entries in sections.values() for entry in entries}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 — click's signature
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.place.partition(":")
        command = getattr(import_module(f"{self.package}.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 — click's signature
        for heading, entries in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(entry.name, entry.help) for entry in entries])

    def invoke(self, ctx: click.Context) -> Any:
        ctx.color = colour_wanted()
        try:
            return super().invoke(ctx)
        except HiveError as error:
            raise (Misused if isinstance(error, SettingsError) else Failed)(error) from None

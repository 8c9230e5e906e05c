"""The options and arguments that commands share: the settings, and the connection that is made from them."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from actors.cli.client import DaemonClient
from actors.daemon_settings import BY_NAME, DaemonSettings, load
from actors.setting_kinds import Kind, Setting
from harness.wire.errors import HiveError

PLACES = ("state_dir", "run_dir")
"""The settings that every client of the daemon needs: they say where its socket is."""

F = Callable[..., Any]

json_flag = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def with_config(*names: str) -> Callable[[F], F]:
    """Give a command the flags of these settings (all, when none is named) and a DaemonSettings as first argument."""
    return _with(lambda flags, file: load(flags, os.environ, file), names or tuple(BY_NAME))


def with_sources(function: F) -> F:
    """Give a command the flags of all settings and, as first argument, the raw flags and the file, both unread."""
    return _with(lambda flags, file: (flags, file), tuple(BY_NAME))(function)


def with_daemon(function: F) -> F:
    """Give a command the flags that find the daemon, and a connection to it as first argument."""

    @functools.wraps(function)
    def connected(config: DaemonSettings, *args: Any, **kwargs: Any) -> Any:
        with DaemonClient(config.host_socket) as daemon:
            return function(daemon, *args, **kwargs)

    return with_config(*PLACES)(connected)


def complete_agents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 — click's signature
    """The names of the agents, for the shell; none where no daemon answers: a completion cannot report an error."""
    try:
        config = load({name: ctx.params.get(name) for name in PLACES}, os.environ, ctx.params.get("config_file"))
        with DaemonClient(config.host_socket, reply_seconds=1.0) as daemon:
            names = daemon.request("list")["agents"]
    except HiveError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def count_option(default: int, what: str) -> Callable[[F], F]:
    """`-n`: how many of the newest rows. Any number: `DaemonClient.newest` asks for as many replies as it takes."""
    return click.option(
        "-n", "--limit", type=click.IntRange(1), default=default, show_default=True, help=f"How many {what}."
    )


class Number(click.ParamType[int]):
    """A number as lists show it: `7` or `#7`; `shown_by` is the command that shows them."""

    name = "number"

    def __init__(self, shown_by: str) -> None:
        self._shown_by = shown_by

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).removeprefix("#")
        if not (text.isascii() and text.isdigit()):
            self.fail(f"{str(value)!r} is no number: `{self._shown_by}` shows them", param, ctx)
        return int(text)


agent_argument = click.argument("name", shell_complete=complete_agents)
optional_agents_argument = click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=complete_agents)
agents_argument = click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=complete_agents)


def _with(make: Callable[[dict[str, Any], Path | None], Any], names: tuple[str, ...]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        @functools.wraps(function)
        def called(*args: Any, config_file: Path | None = None, **kwargs: Any) -> Any:
            flags = {name: kwargs.pop(name) for name in names}
            return function(make(flags, config_file), *args, **kwargs)

        command: F = called
        for name in reversed(names):
            command = _option(BY_NAME[name])(command)
        file = click.option(
            "--config", "config_file", metavar="FILE", type=click.Path(path_type=Path), help="The settings file."
        )
        return file(command)

    return decorate


def _option(setting: Setting) -> Callable[[F], F]:
    # The values stay raw: flags, variables and files share one parser and one grammar of errors.
    metavar = "|".join(setting.choices) if setting.kind is Kind.CHOICE else setting.kind.upper()
    return click.option(setting.flag, setting.name, metavar=metavar, help=setting.help)

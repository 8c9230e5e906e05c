"""`python -m actors.cli.docs`: write docs/cli.md, the table of docs/configuration.md and nix/settings.json.

All three are generated from the tables that the program itself reads. A test compares them.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from actors.cli.main import SECTIONS, main
from actors.daemon_settings import BY_NAME, SETTINGS
from actors.setting_kinds import Setting

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- the table: python -m actors.cli.docs -->", "<!-- the end of the table -->"
WIDTH = 100


def cli_page() -> str:
    """The whole of docs/cli.md."""
    parts = [
        "# The command line\n",
        "Generated from `--help` by `python -m actors.cli.docs`. Every command that talks to the daemon is a client of",
        "`host.sock`; [configuration.md](configuration.md) lists the settings.\n",
        "Exit codes: 0 done; 1 refused or failed, with `Error:` and `Try:` on the standard error; 2 the command line",
        "or the settings are wrong. `--json` prints the daemon's reply. Colours are for terminals only; `NO_COLOR`",
        "switches them off. Control characters that an agent wrote are never printed.\n",
        _block(main, "hive"),
    ]
    context = click.Context(main, info_name="hive")
    for heading, entries in SECTIONS.items():
        parts.append(f"## {heading}\n")
        for entry in entries:
            command = main.get_command(context, entry.name)
            assert command is not None
            parts += [f"### hive {entry.name}\n", _block(command, f"hive {entry.name}")]
            parts += [_block(inner, f"hive {entry.name} {inner.name}") for inner in _inner(command)]
    return "\n".join(parts).rstrip() + "\n"


def _inner(command: click.Command) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        yield from command.commands.values()


def _block(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    context.help_option_names = ["-h", "--help"]
    formatter = click.HelpFormatter(width=WIDTH)
    _without_settings(command).format_help(context, formatter)
    note = (
        "\nSettings: each setting of configuration.md is also a flag of this command.\n" if _takes_all(command) else ""
    )
    return f"```\n{formatter.getvalue().rstrip()}\n{note}```\n"


def _takes_all(command: click.Command) -> bool:
    return set(BY_NAME) <= {parameter.name for parameter in command.params}


def _without_settings(command: click.Command) -> click.Command:
    """A copy of the command without the flags of the settings, which have a page of their own."""
    if not _takes_all(command):
        return command
    params = [parameter for parameter in command.params if parameter.name not in BY_NAME]
    return click.Command(command.name, params=params, help=command.help)


def settings_table() -> str:
    """The table of docs/configuration.md."""
    rows = [_row(setting) for setting in SETTINGS]
    return "\n".join(["| key | kind | default | what it is |", "|---|---|---|---|", *rows])


def _row(setting: Setting) -> str:
    kind = " ".join(f"`{choice}`" for choice in setting.choices) if setting.choices else setting.kind.value
    return f"| `{setting.name}` | {kind} | {setting.default} | {setting.help} |"


def with_table(page: str) -> str:
    """`page` with the table between its two marks replaced by the present one."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"docs/configuration.md has lost its marks: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def nix_settings() -> str:
    """nix/settings.json, from which the NixOS module makes its options."""
    table = {
        setting.name: {
            "kind": setting.kind.value,
            "help": setting.help,
            "default": setting.default,
            "optional": setting.optional,
            "choices": list(setting.choices),
        }
        for setting in SETTINGS
    }
    return json.dumps(table, indent=2) + "\n"


def pages(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file, with the text it must hold."""
    configuration = root / "docs/configuration.md"
    return {
        root / "docs/cli.md": cli_page(),
        configuration: with_table(configuration.read_text()),
        root / "nix/settings.json": nix_settings(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")

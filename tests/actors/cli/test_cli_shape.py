"""What the command line promises as a whole: quick starts, help everywhere, one list of commands."""

import os
import subprocess
import sys

import click
import pytest

from actors.cli.main import SECTIONS, main

ENTRIES = [entry for entries in SECTIONS.values() for entry in entries]
HEAVY = {"gevent", "pykka", "pydantic", "peewee", "bottle", "claude_agent_sdk", "mcp", "sh", "asyncio"}


def imported_by(*arguments: str, env: dict[str, str] | None = None) -> set[str]:
    """The top-level modules that `hive ARGUMENTS` imports."""
    code = "import sys\nfrom actors.cli.main import main\ntry: main(sys.argv[1:], prog_name='hive')\nfinally: print(*sys.modules)"
    argv = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        argv, env={"PATH": os.environ["PATH"]} | (env or {}), capture_output=True, text=True, check=False
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_help_imports_nothing_heavy_and_no_command():
    modules = imported_by("--help")
    assert "click" in modules
    assert not modules & HEAVY


def test_a_read_imports_nothing_heavy(daemon, run_dir):
    from harness.wire.operator_api import TreeReply
    from tests.actors.cli import rows

    daemon.answers["actors"] = TreeReply(tree=rows.tree())
    assert not imported_by("actors", env={"HIVE_RUN_DIR": str(run_dir), "HOME": str(run_dir)}) & HEAVY
    assert daemon.requests == [{"cmd": "actors"}]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_list_tells_what_the_command_tells_itself(entry):
    command = main.get_command(click.Context(main), entry.name)
    assert command.name == entry.name
    assert command.help.splitlines()[0] == entry.help


def options(command: click.Command) -> list[str]:
    return [name for parameter in command.params for name in parameter.opts]


def every_command() -> list[tuple[str, click.Command]]:
    """Every command by its words, those inside a group included."""
    found = []
    for entry in ENTRIES:
        command = main.get_command(click.Context(main), entry.name)
        if isinstance(command, click.Group):
            found += [(f"{entry.name} {name}", inner) for name, inner in command.commands.items()]
        found += (
            [] if isinstance(command, click.Group) and not command.invoke_without_command else [(entry.name, command)]
        )
    return found


READS = {
    "dead list", "dead show", "actors", "actors show", "agents", "inbox", "messages", "search", "why", "effects", "thread", "logs", "hosts", "doctor", "verify", "pending", "diff", "questions", "reminders",
    "config show", "config log", "config tags", "config diff", "config file", "peer list", "image show", "tombstones", "sessions",
    "needs", "suspensions", "suspensions show", "quarantine", "secret list", "turns", "state-file", "config files", "decisions", "draft list", "terminal list",
}  # fmt: skip
ACTS_WITH_JSON = {"chaos", "peer add", "image build"}
"""What they answer is to be read by programs too."""


@pytest.mark.parametrize(("words", "command"), every_command(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_read_has_json_and_every_option_has_help(words, command):
    assert ("--json" in options(command)) == (words in READS | ACTS_WITH_JSON)
    assert command.help
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help, parameter.name


@pytest.mark.parametrize(("words", "command"), every_command(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_client_command_can_be_pointed_at_a_hive(words, command):
    alone = {"demo", "completion", "image build", "image show"}
    assert words in alone or {"--config", "--run-dir", "--state-dir"} <= set(options(command))


def test_the_version_is_the_packages(hive):
    assert hive("--version").stdout.startswith("hive, version ")

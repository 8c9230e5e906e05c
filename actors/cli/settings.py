"""The settings: what is in force and where each value comes from."""

import os
from pathlib import Path
from typing import Any

import click

from actors.cli import output
from actors.config import BY_NAME, check_run_dir, gather, stray
from actors.settings import shown


def show(given: tuple[dict[str, Any], Path | None], *, as_json: bool) -> None:
    """Print every setting, its value and where it comes from; `given` are the raw flags and the file."""
    flags, file = given
    found = {
        name: (shown(BY_NAME[name], value), source) for name, (value, source) in gather(flags, os.environ, file).items()
    }
    if as_json:
        output.print_json({name: {"value": value, "source": source} for name, (value, source) in found.items()})
    else:
        rows = [(name, "-" if value is None else value, source) for name, (value, source) in found.items()]
        output.print_table(rows, ("SETTING", "VALUE", "FROM"), "")
    for name, guess in stray(os.environ).items():
        click.echo(f"Warning: {name} is no setting; did you mean {guess}?", err=True)
    check_run_dir(Path(found["run_dir"][0]))

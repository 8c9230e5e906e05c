"""The report at the end of the demo: the messages, the decisions, the turns, the tree, and what is missing."""

from collections.abc import Sequence
from typing import Any

import click

from actors.cli import output
from actors.cli.demo import decisions as second_act
from actors.cli.demo import story as first_act
from actors.cli.demo.decisions import Decisions
from actors.cli.demo.story import Story
from actors.cli.tree import table

HINT = "`hive demo --keep` keeps its folder with the logs; --seconds waits longer"


def show(story: Story, decisions: Decisions, tree: dict[str, Any], missing: Sequence[str]) -> None:
    """Print the tables, then that everything happened or each thing that did not."""
    click.echo()
    click.echo(output.table(first_act.message_rows(story), first_act.MESSAGE_HEADER) + "\n")
    click.echo(output.table(second_act.rows(decisions), second_act.HEADER) + "\n")
    click.echo(output.table(first_act.turn_rows(story), first_act.TURN_HEADER) + "\n")
    click.echo(table.render(tree) + "\n")
    for sentence in missing:
        click.echo(f"Missing: {output.plain(sentence)}", err=True)
    if missing:
        click.echo(f"Try: {HINT}", err=True)
    else:
        click.echo(click.style("Everything that was expected happened.", fg="green"))

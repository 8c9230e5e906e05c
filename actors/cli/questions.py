"""Questions: what agents want to know of you, your answer, and taking one off the list."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import json_flag, with_host

id_argument = click.argument("question_id", metavar="ID", type=click.IntRange(min=0))


@click.command()
@click.option("--all", "every", is_flag=True, help="Also those that have ended.")
@json_flag
@with_host
def questions(host: HostClient, *, every: bool, as_json: bool) -> None:
    """Show what the agents ask, of you and of each other."""
    rows = [row for row in host.request("questions")["questions"] if every or row["status"] == "pending"]
    if as_json:
        output.print_json(rows)
        return
    header = ("ID", "STATUS", "WHO", "UNTIL", "QUESTION", "ANSWER OR OPTIONS")
    empty = "Nobody has asked anything yet." if every else "Nobody waits for an answer."
    output.print_table([_cells(row) for row in rows], header, empty)


@click.command()
@id_argument
@click.argument("text")
@with_host
def answer(host: HostClient, question_id: int, text: str) -> None:
    """Answer a question, whoever it was put to.

    TEXT is the answer, one of the options where the question has some.
    """
    host.request("answer_question", id=question_id, answer=text)
    click.echo(f"answered #{question_id}")


@click.group()
def question() -> None:
    """Act on one question."""


@question.command()
@id_argument
@with_host
def cancel(host: HostClient, question_id: int) -> None:
    """End a question without an answer; its asker is told."""
    host.request("cancel_question", id=question_id)
    click.echo(f"cancelled question #{question_id}")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    target = click.style(output.plain(row["target"]), bold=row["target"] == "operator")
    return (
        f"#{row['id']}",
        output.state(row["status"]),
        f"{output.plain(row['asker'])} → {target}",
        output.clock(row["deadline_at"]) if row.get("deadline_at") else "-",
        output.one_line(row["question"], 70),
        output.one_line(row["answer"] if row.get("answer") else " | ".join(row["options"]), 60),
    )

"""Questions of the agents: list them, answer one, cancel one."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import Number, json_flag, with_daemon

id_argument = click.argument("question_id", metavar="ID", type=Number("hive questions"))


@click.command()
@click.option("--all", "every", is_flag=True, help="Also the questions that have ended.")
@json_flag
@with_daemon
def questions(daemon: DaemonClient, *, every: bool, as_json: bool) -> None:
    """List the questions of the agents, to you and to each other."""
    rows = [row for row in daemon.request("questions")["questions"] if every or row["status"] == "pending"]
    if as_json:
        output.print_json(rows)
        return
    header = ("ID", "STATUS", "FROM → TO", "UNTIL", "QUESTION", "ANSWER OR OPTIONS")
    empty = "There were no questions yet." if every else "No question waits for an answer."
    output.print_table([_cells(row) for row in rows], header, empty)


@click.command()
@id_argument
@click.argument("text")
@with_daemon
def answer(daemon: DaemonClient, question_id: int, text: str) -> None:
    """Answer a question, to you or to an agent.

    TEXT is the answer; where the question has options, it is one of them, word for word, unless your own words are
    allowed. Where any of them may be chosen, several are joined by a comma and a space.
    """
    daemon.request("answer_question", id=question_id, answer=text)
    click.echo(f"answered #{question_id}")


@click.group()
def question() -> None:
    """Act on one question."""


@question.command()
@id_argument
@with_daemon
def cancel(daemon: DaemonClient, question_id: int) -> None:
    """Cancel a question; the agent that asked is told."""
    daemon.request("cancel_question", id=question_id)
    click.echo(f"cancelled question #{question_id}")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    target = click.style(output.plain(row["target"]), bold=row["target"] == "operator")
    return (
        f"#{row['id']}",
        output.state(row["status"]),
        f"{output.plain(row['asker'])} → {target}",
        output.clock(row["deadline_at"]) if row.get("deadline_at") else "-",
        output.one_line(row["question"], 70),
        output.one_line(row["answer"] if row.get("answer") else _choices(row), 60),
    )


def _choices(row: dict[str, Any]) -> str:
    words = ["your own words"] if row["options"] and row.get("free_text") else []
    return " | ".join([*row["options"], *words]) + (" (any of them)" if row["multi"] and row["options"] else "")

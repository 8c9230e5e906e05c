"""The operator of the demo: reviews each proposal before the decision, with the verbs that a person would use."""

from collections.abc import Callable

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.demo.decisions import Answer, Approve, Decisions, Deny, Review

SHOWN_LINES = 4
"""Of a diff, in the demo's running text."""

Say = Callable[[str], None]


def perform(daemon: DaemonClient, decisions: Decisions, say: Say) -> None:
    """Carry out the decisions that are due."""
    for decision in decisions.due():
        decisions.done.add(decision)
        match decision:
            case Approve(number, agent):
                decisions.reviews[number] = _review(daemon, number, agent, say)
                daemon.request("approve", id=number)
                say(f"operator: {click.style('approved', fg='green')} #{number} ({agent})")
            case Deny(number, agent, note):
                decisions.reviews[number] = _review(daemon, number, agent, say)
                daemon.request("deny", id=number, note=note)
                say(f"operator: {click.style('denied', fg='red')} #{number} ({agent}): {note}")
            case Answer(number, answer):
                question = output.one_line(decisions.questions[number]["question"], 60)
                daemon.request("answer_question", id=number, answer=answer)
                say(f"operator: to “{question}”: {answer}")


def _review(daemon: DaemonClient, number: int, agent: str, say: Say) -> Review:
    diff = daemon.request("approval_diff", id=number)["diff"]
    author = daemon.request("config_log", name=agent, ref=f"proposal/{number}", limit=1)["rows"][0]["author"]
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    say(f"operator: reviews #{number} ({agent}), {len(changed)} lines changed by {output.plain(author)}")
    for line in [line for line in changed if line.startswith("+")][:SHOWN_LINES]:
        say(click.style(f"    {output.one_line(line, 100)}", fg="green"))
    return Review(diff, author)

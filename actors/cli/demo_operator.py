"""The operator of the demo: looks at what is proposed before deciding, with the verbs a person would use."""

from collections.abc import Callable

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.demo_decisions import Act, Answer, Approve, Decisions, Deny, Look

SHOWN_LINES = 4
"""Of a diff, in the demo's running text."""

Say = Callable[[str], None]


def perform(host: HostClient, decisions: Decisions, say: Say) -> None:
    """Do what is due."""
    for act in decisions.due():
        decisions.done.add(act)
        match act:
            case Approve(number, agent):
                _look(host, decisions, act, say)
                host.request("approve", id=number)
                say(f"operator: {click.style('approved', fg='green')} #{number} ({agent})")
            case Deny(number, agent, note):
                _look(host, decisions, act, say)
                host.request("deny", id=number, note=note)
                say(f"operator: {click.style('denied', fg='red')} #{number} ({agent}): {note}")
            case Answer(number, answer):
                question = output.one_line(decisions.questions[number]["question"], 60)
                host.request("answer_question", id=number, answer=answer)
                say(f"operator: to “{question}”: {answer}")


def _look(host: HostClient, decisions: Decisions, act: Act, say: Say) -> None:
    assert isinstance(act, Approve | Deny)
    diff = host.request("approval_diff", id=act.id)["diff"]
    author = host.request("config_log", name=act.agent, ref=f"proposal/{act.id}", limit=1)["rows"][0]["author"]
    decisions.looks[act.id] = Look(diff, author)
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    say(f"operator: looks at #{act.id} ({act.agent}), {len(changed)} lines changed by {output.plain(author)}")
    for line in [line for line in changed if line.startswith("+")][:SHOWN_LINES]:
        say(click.style(f"    {output.one_line(line, 100)}", fg="green"))

"""`hive`: the operator's command. This file lists the commands; each lives in the module that its entry names."""

import click

from actors.cli.lazy import Entry, LazyGroup
from harness.wire.limits import SET_ASIDE_AFTER

SECTIONS = {
    "Run": [
        Entry("up", "daemon:up", "Run the hive for one user, in the foreground."),
        Entry("serve", "daemon:serve", "Run the hive as a service."),
        Entry("demo", "demo:demo", "Show a whole hive at work, without an account."),
        Entry("chaos", "chaos:chaos", "Inject random faults into a running hive; report which promises held."),
    ],
    "Look": [
        Entry("actors", "actors:actors", "Show the supervised tree."),
        Entry("agents", "agents:agents", "List the agents."),
        Entry("inbox", "mail:inbox", "Show the messages to the operator."),
        Entry("messages", "mail:messages", "Show who sent what to whom."),
        Entry("tombstones", "tombstones:tombstones", "List the destroyed agents whose state is kept."),
        Entry("logs", "logs:logs", "Show the log of an agent."),
        Entry("hosts", "hosts:hosts", "Show which hosts an agent has talked to."),
        Entry("reminders", "reminders:reminders", "List the reminders that were not delivered yet."),
        Entry("verify", "verify:verify", "Check the promises of the hive."),
    ],
    "Decide": [
        Entry("pending", "approvals:pending", "List the proposals that wait for your approval."),
        Entry("diff", "approvals:diff", "Show what a proposal changes."),
        Entry("approve", "approvals:approve", "Approve a proposal; it is deployed at once."),
        Entry("deny", "approvals:deny", "Deny a proposal."),
        Entry("questions", "questions:questions", "List the questions of the agents, to you and to each other."),
        Entry("answer", "questions:answer", "Answer a question, to you or to an agent."),
        Entry("question", "questions:question", "Act on one question."),
        Entry("reminder", "reminders:reminder", "Act on one reminder."),
        Entry(
            "dead",
            "mail:dead",
            f"Act on dead letters: messages that were set aside after {SET_ASIDE_AFTER} failed tries.",
        ),
    ],
    "Act": [
        Entry("send", "mail:send", "Send a message as the operator."),
        Entry("spawn", "agents:spawn", "Create an agent and start it."),
        Entry("start", "agents:start", "Start agents that are stopped or parked."),
        Entry("stop", "agents:stop", "Stop agents; they stay stopped."),
        Entry("restart", "agents:restart", "Stop an agent and start it again."),
        Entry("rebuild", "agents:rebuild", "Rebuild an agent from the configuration in force."),
        Entry("rebuild-all", "agents:rebuild_all", "Rebuild all agents, the manager first."),
        Entry("pause", "agents:pause", "Keep an agent from starting another turn."),
        Entry("resume", "agents:resume", "Let a paused agent take mail again."),
        Entry("kick", "agents:kick", "Wake an agent with a message from the system."),
        Entry("destroy", "agents:destroy", "Remove an agent; its state, configuration and credentials are kept."),
        Entry("purge", "tombstones:purge", "Delete the kept state of a destroyed agent."),
        Entry("request-spawn", "approvals:request_spawn", "Propose a new agent, as the manager would."),
        Entry("revive", "approvals:revive", "Propose a destroyed agent again, with its kept state."),
    ],
    "Set up": [
        Entry("config", "config:config", "Show the settings, and the configurations of the agents."),
        Entry("peer", "peers:peer", "Manage peers: outside sessions that take part in the mail."),
        Entry("secret", "setup.secret:secret", "Manage secrets: values that agents use and nobody reads again."),
        Entry("sessions", "access.sessions:sessions", "List the logins of the dashboard."),
        Entry("suspensions", "access.suspensions:suspensions", "List the agents and peers whose requests are refused."),
        Entry("image", "image:image", "Build and show the root image of nspawn agents."),
        Entry("doctor", "doctor:doctor", "Check what this machine offers the hive, and what holds an agent here."),
        Entry("completion", "completion:completion", "Print the completion script for a shell."),
    ],
}


@click.group(
    cls=LazyGroup,
    package="actors.cli.commands",
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="hyperhive", prog_name="hive")
def main() -> None:
    """Run and watch a supervised swarm of Claude Code agents.

    Exit codes: 0 done, 1 refused or failed, 2 the command line or the settings are wrong.
    """

"""`hive`: the operator's command. This file lists the commands; each lives in the module that is named."""

import click

from actors.cli.lazy import Entry, LazyGroup

SECTIONS = {
    "Run": [
        Entry("up", "actors.cli.daemon:up", "Run the hive for one user, in the foreground."),
        Entry("serve", "actors.cli.daemon:serve", "Run the hive as a service."),
        Entry("demo", "actors.cli.demo:demo", "Show a whole hive at work, without an account."),
        Entry("chaos", "actors.cli.chaos:chaos", "Break a running hive at random, and tell which promises held."),
    ],
    "Look": [
        Entry("actors", "actors.cli.actors:actors", "Show the supervised tree."),
        Entry("agents", "actors.cli.agents:agents", "List the agents."),
        Entry("inbox", "actors.cli.mail:inbox", "Show what was sent to the operator."),
        Entry("messages", "actors.cli.mail:messages", "Show who sent what to whom."),
        Entry("tombstones", "actors.cli.tombstones:tombstones", "List what is kept of destroyed agents."),
        Entry("logs", "actors.cli.logs:logs", "Show the log of an agent."),
        Entry("reminders", "actors.cli.reminders:reminders", "Show the reminders that are still to come."),
        Entry("verify", "actors.cli.verify:verify", "Check what the hive promises."),
    ],
    "Decide": [
        Entry("pending", "actors.cli.approvals:pending", "Show what waits for your approval."),
        Entry("diff", "actors.cli.approvals:diff", "Show what a proposal changes."),
        Entry("approve", "actors.cli.approvals:approve", "Approve a proposal; it is carried out at once."),
        Entry("deny", "actors.cli.approvals:deny", "Deny a proposal."),
        Entry("questions", "actors.cli.questions:questions", "Show what the agents ask, of you and of each other."),
        Entry("answer", "actors.cli.questions:answer", "Answer a question, whoever it was put to."),
        Entry("question", "actors.cli.questions:question", "Act on one question."),
        Entry("reminder", "actors.cli.reminders:reminder", "Act on one reminder."),
    ],
    "Act": [
        Entry("send", "actors.cli.mail:send", "Send a message as the operator."),
        Entry("spawn", "actors.cli.agents:spawn", "Create an agent and start it."),
        Entry("start", "actors.cli.agents:start", "Start agents that are stopped or parked."),
        Entry("stop", "actors.cli.agents:stop", "Stop agents; they stay stopped."),
        Entry("restart", "actors.cli.agents:restart", "Stop an agent and start it again."),
        Entry("rebuild", "actors.cli.agents:rebuild", "Build an agent anew from what is in force."),
        Entry("rebuild-all", "actors.cli.agents:rebuild_all", "Build all agents anew, the manager first."),
        Entry("pause", "actors.cli.agents:pause", "Let an agent begin no further turn."),
        Entry("resume", "actors.cli.agents:resume", "Let a paused agent go on."),
        Entry("kick", "actors.cli.agents:kick", "Wake an agent with a message from the system."),
        Entry("destroy", "actors.cli.agents:destroy", "Remove an agent; what it knows is kept."),
        Entry("purge", "actors.cli.tombstones:purge", "Delete what is kept of a destroyed agent."),
        Entry(
            "request-spawn",
            "actors.cli.approvals:request_spawn",
            "Put a new agent before yourself, as the manager would.",
        ),
        Entry("revive", "actors.cli.approvals:revive", "Propose a destroyed agent again, with what is kept of it."),
    ],
    "Set up": [
        Entry("config", "actors.cli.config_repo:config", "Look at the settings, and at the agents' configurations."),
        Entry("peer", "actors.cli.peers:peer", "Let outside sessions join the mail, or leave."),
        Entry("image", "actors.cli.image:image", "Build and look at the root image of nspawn agents."),
        Entry("doctor", "actors.cli.doctor:doctor", "Check what this machine offers the hive."),
        Entry("completion", "actors.cli.completion:completion", "Print the completion script for a shell."),
    ],
}


@click.group(
    cls=LazyGroup,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="hyperhive", prog_name="hive")
def main() -> None:
    """Run and watch a supervised swarm of Claude Code agents.

    Exit codes: 0 done, 1 refused or failed, 2 the command line or the settings are wrong.
    """

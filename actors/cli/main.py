"""`hive`: the operator's command. This file lists the commands; each lives in the module that its entry names."""

import click

from actors.cli.lazy import Entry, LazyGroup
from harness.wire.limits import SET_ASIDE_AFTER

SECTIONS = {
    "Run": [
        Entry("up", "daemon.run:up", "Run the hive for one user, in the foreground."),
        Entry("serve", "daemon.run:serve", "Run the hive as a service."),
        Entry("demo", "daemon.demo:demo", "Show a whole hive at work, without an account."),
        Entry("chaos", "daemon.chaos:chaos", "Inject random faults into a running hive; report which promises held."),
    ],
    "Look": [
        Entry("actors", "daemon.actors:actors", "Show the supervised tree."),
        Entry("agents", "agents.listing:agents", "List the agents."),
        Entry(
            "needs",
            "daemon.needs:needs",
            "List what needs you, most urgent first, each with the command that settles it.",
        ),
        Entry("inbox", "mail.messages:inbox", "Show the messages to the operator; a dot marks what is unread."),
        Entry("read", "mail.messages:read", "Mark messages to the operator as read."),
        Entry("messages", "mail.messages:messages", "Show who sent what to whom."),
        Entry("search", "mail.search:search", "Search messages, turns, questions and decisions; newest first."),
        Entry(
            "thread",
            "mail.causes:thread",
            "Show the conversation that a message belongs to, with its turns and its cost.",
        ),
        Entry("why", "mail.causes:why", "Show what led to something, back to where it began."),
        Entry("effects", "mail.causes:effects", "Show what came of something, and what that cost."),
        Entry("tombstones", "agents.tombstones:tombstones", "List the destroyed agents whose state is kept."),
        Entry("logs", "agents.logs:logs", "Show the log of an agent."),
        Entry(
            "turns",
            "agents.turns:turns",
            "Show the turn log of an agent: what woke it, what it says and calls, how each turn ends and what it cost.",
        ),
        Entry(
            "state-file",
            "agents.state_file:state_file",
            "Show a file that an agent left in its state for everybody to read.",
        ),
        Entry("hosts", "agents.hosts:hosts", "Show which hosts an agent has talked to."),
        Entry("reminders", "mail.reminders:reminders", "List the reminders that were not delivered yet."),
        Entry("verify", "daemon.verify:verify", "Check the promises of the hive."),
        Entry("quarantine", "daemon.quarantine:quarantine", "List the stored rows that cannot be read."),
    ],
    "Decide": [
        Entry("pending", "approvals.decisions:pending", "List the proposals that wait for your approval."),
        Entry("diff", "approvals.decisions:diff", "Show what a proposal changes."),
        Entry(
            "approve",
            "approvals.decisions:approve",
            "Approve a proposal; it is deployed at once, or after those of its agent that were approved before.",
        ),
        Entry("deny", "approvals.decisions:deny", "Deny a proposal."),
        Entry(
            "decisions", "approvals.log:decisions", "Show the log of decisions: who decided what about which commit."
        ),
        Entry("questions", "mail.questions:questions", "List the questions of the agents, to you and to each other."),
        Entry("answer", "mail.questions:answer", "Answer a question, to you or to an agent."),
        Entry("question", "mail.questions:question", "Act on one question."),
        Entry("reminder", "mail.reminders:reminder", "Act on one reminder."),
        Entry(
            "dead",
            "mail.dead:dead",
            f"Act on dead letters: messages that were set aside after {SET_ASIDE_AFTER} failed tries.",
        ),
    ],
    "Act": [
        Entry("send", "mail.messages:send", "Send a message as the operator."),
        Entry("reply", "mail.messages:reply", "Answer a message: send one to its sender."),
        Entry("spawn", "agents.lifecycle:spawn", "Create an agent and start it."),
        Entry("start", "agents.lifecycle:start", "Start agents that are stopped or parked."),
        Entry("stop", "agents.lifecycle:stop", "Stop agents; they stay stopped."),
        Entry("restart", "agents.lifecycle:restart", "Stop an agent and start it again."),
        Entry("rebuild", "agents.lifecycle:rebuild", "Rebuild an agent from the configuration in force."),
        Entry("rebuild-all", "agents.lifecycle:rebuild_all", "Rebuild all agents, the manager first."),
        Entry("pause", "agents.work:pause", "Keep an agent from starting another turn."),
        Entry("resume", "agents.work:resume", "Let a paused agent take mail again."),
        Entry("cancel", "agents.work:cancel", "Cancel the running turn of an agent, or its wait for the next try."),
        Entry("compact", "agents.work:compact", "Have an agent summarise its context and go on with the summary."),
        Entry("new-session", "agents.work:new_session", "Have an agent forget its context."),
        Entry("model", "agents.work:model", "Give an agent another model, from its next turn on."),
        Entry(
            "terminal",
            "agents.terminal:terminal",
            "Open a shell in an agent's container, and play recordings of such shells.",
        ),
        Entry("kick", "agents.work:kick", "Wake an agent with a message from the system."),
        Entry(
            "destroy", "agents.lifecycle:destroy", "Remove an agent; its state, configuration and credentials are kept."
        ),
        Entry("purge", "agents.tombstones:purge", "Delete the kept state of a destroyed agent."),
        Entry(
            "comment",
            "approvals.comments:comment",
            "Comment on the lines of a proposal; the drafts go to the manager with your decision.",
        ),
        Entry("propose", "approvals.proposals:propose", "Propose a commit of an agent's configuration, or of a draft."),
        Entry(
            "withdraw",
            "approvals.proposals:withdraw",
            "Take back a proposal of yours that waits, or an approved one that is not in force yet.",
        ),
        Entry(
            "revert",
            "approvals.proposals:revert",
            "Take a deployed change back: propose its reverse, and deploy that on a yes.",
        ),
        Entry("propose-again", "approvals.proposals:propose_again", "Propose the commit of a denied change once more."),
        Entry("draft", "approvals.drafts:draft", "Manage drafts: agents that are prepared and not spawned."),
        Entry("request-spawn", "approvals.proposals:request_spawn", "Propose a new agent, as the manager would."),
        Entry("revive", "approvals.proposals:revive", "Propose a destroyed agent again, with its kept state."),
    ],
    "Set up": [
        Entry(
            "login", "agents.login:login", "Log Claude Code in: in one agent, the manager if none is named, or in all."
        ),
        Entry("config", "config.edit:config", "Show the settings; show and edit the configurations of the agents."),
        Entry("peer", "access.peers:peer", "Manage peers: outside sessions that take part in the mail."),
        Entry("secret", "setup.secret:secret", "Manage secrets: values that agents use and nobody reads again."),
        Entry("sessions", "access.sessions:sessions", "List the logins of the dashboard."),
        Entry("suspensions", "access.suspensions:suspensions", "List the agents and peers whose requests are refused."),
        Entry("image", "setup.image:image", "Build and show the root image of nspawn agents."),
        Entry(
            "doctor", "setup.doctor:doctor", "Try what the hive needs of this machine, and what holds an agent here."
        ),
        Entry("completion", "setup.completion:completion", "Print the completion script for a shell."),
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

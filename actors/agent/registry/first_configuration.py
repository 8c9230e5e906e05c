"""The configuration of a new agent that no approval decides on: the manager's, and the operator's own spawn."""

from actors.agent import config
from actors.agent.repos import Repositories
from actors.agent.workspace.paths import Workspace


def first_configuration(workspace: Workspace, name: str, *, default_model: str, remote: str, at_ms: int) -> str:
    """Give the agent its repositories and a commit in force; returns the sha of that commit.

    `remote`: where the manager finds the applied repository.

    An agent that has a commit in force keeps it: it was approved just now, or a destroyed agent is revived.
    """
    files = {config.FILE_NAME: config.template(default_model)}
    return Repositories(workspace).establish(name, files, at_ms=at_ms, remote=remote)

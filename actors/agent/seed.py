"""The configuration a new agent starts with when nobody has to approve it: the manager, the operator's own spawn."""

from actors.agent import config
from actors.agent.repos import Repositories
from actors.agent.workspace import Workspace


def seed(workspace: Workspace, name: str, *, default_model: str, at_ms: int) -> str:
    """Give an agent its repositories and the commit in force, whose sha is returned.

    One that has a commit in force keeps it: it was approved just now, or the agent is a tombstone that is revived.
    """
    files = {config.FILE_NAME: config.template(default_model)}
    return Repositories(workspace).establish(name, files, at_ms=at_ms)

"""The configuration a new agent starts with."""

from pathlib import Path

from actors.agent import config
from actors.agent.workspace import AgentPaths


def seed(paths: AgentPaths, *, default_model: str) -> None:
    """Give an agent its first configuration, proposed and in force. What is there already stays as it is.

    This is where the repositories come in: `applied` is then the checkout of the deployed commit.
    """
    text = config.template(default_model)
    for folder in (paths.config, paths.applied):
        _write_new(folder / config.FILE_NAME, text)


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return

"""What refers to which secret: the configurations in force, and the settings of the hive."""

from collections.abc import Mapping

from actors.secrets.references import of_table, references
from harness.wire.agent_config import AgentConfig

SETTING = "agent_env in hive.toml"


def users(configs: Mapping[str, AgentConfig], agent_env: Mapping[str, str]) -> dict[str, list[str]]:
    """Each secret that is referred to, and by whom. Pure."""
    found: dict[str, list[str]] = {}
    for agent, config in configs.items():
        for _, name in references(config):
            _note(found, name, agent)
    for _, name in of_table(agent_env, "agent_env"):
        _note(found, name, SETTING)
    return found


def _note(found: dict[str, list[str]], name: str, user: str) -> None:
    known = found.setdefault(name, [])
    if user not in known:
        known.append(user)

"""Where a configuration names secrets, and the values in place of the names. Pure, but for what `value` does."""

from collections.abc import Callable, Iterator, Mapping

from harness.wire.agent_config import AgentConfig, check_secret_name, secret_name
from harness.wire.errors import HiveError, bad_request

AGAIN = "then start the agent, or approve the proposal, again"


def references(config: AgentConfig) -> list[tuple[str, str]]:
    """Every reference in a configuration: its place in `agent.toml`, and the name of the secret."""
    return list(_references(config))


def of_table(table: Mapping[str, str], place: str) -> list[tuple[str, str]]:
    """Every reference in a table of variables."""
    found = ((f"{place}.{variable}", secret_name(value)) for variable, value in table.items())
    return [(where, name) for where, name in found if name is not None]


def check(config: AgentConfig) -> None:
    """Raise `bad_request` for the first reference that names no possible secret."""
    for place, name in references(config):
        try:
            check_secret_name(name)
        except ValueError as error:
            raise bad_request(f"{place}: {error}", 'write "secret:NAME"') from None


def resolved(table: Mapping[str, str], place: str, value: Callable[[str], str]) -> dict[str, str]:
    """The table with values in place of references. HiveError names the place of one that does not exist."""
    found: dict[str, str] = {}
    for variable, text in table.items():
        name = secret_name(text)
        if name is None:
            found[variable] = text
            continue
        try:
            found[variable] = value(name)
        except HiveError as error:
            hint = f"; {error.hint}" if error.hint else ""  # a row and an event show the message alone
            raise HiveError(error.code, f"{place}.{variable}: {error.message}{hint}", AGAIN) from None
    return found


def _references(config: AgentConfig) -> Iterator[tuple[str, str]]:
    yield from of_table(config.env, "env")
    for key, server in config.extraMcpServers.items():
        yield from of_table(server.env, f"extraMcpServers.{key}.env")

"""The environment of a harness: everything it knows when it starts. Pure."""

from collections.abc import Mapping

from actors.agent.container.network import VARIABLES, network_environment
from actors.agent.context import AgentContext
from actors.agent.credentials import Credential
from actors.agent.installation.roots import default_path
from actors.agent.runtime import LINE, View
from harness.wire import names
from harness.wire.errors import bad_request
from harness.wire.network import Network

PROTECTED = frozenset({"HOME", "PATH", "LD_PRELOAD", "LD_LIBRARY_PATH"})
"""With the HIVE_ ones and Claude's own, not for the configuration to set."""

_OURS = ("HIVE_", "CLAUDE_CONFIG_DIR", "ANTHROPIC_")

_LOADERS = ("LD_", "GCONV_PATH", "OPENSSL_", "GLIBC_TUNABLES")
"""What names code for any program to load. The harness would load it too, from a folder that Claude may write to."""


def harness_environment(
    context: AgentContext,
    view: View,
    container: str,
    *,
    credential: Credential | None,
    extra: Mapping[str, str],
    network: Network,
) -> dict[str, str]:
    """Scrubbed: nothing of the daemon's own environment is in it.

    `extra` is what the settings and the configuration give every agent and this one, secrets in their places.
    """
    name = names.broker_name(container)
    check_extra(context.agent_env, "agent_env in hive.toml")
    environment = dict(check_extra(extra))
    environment |= {
        "HIVE_NAME": name,
        "HIVE_ROLE": "manager" if name == names.MANAGER else "agent",
        "HIVE_SOCKET": str(view.socket),
        "HIVE_STATE_DIR": str(view.state),
        "HIVE_HARNESS_LINE": str(LINE),
        "HIVE_CONFIG_DIR": str(view.config),
        "HIVE_SHARED_DIR": str(view.shared),
        "HIVE_AGENT_CONFIG": str(view.config_json),
        "HIVE_SIDECAR_DIR": str(view.config_json.parent),
        "CLAUDE_CONFIG_DIR": str(view.claude),
        "HOME": str(view.home),
        "PATH": default_path(),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "IS_SANDBOX": "1",
        # Commits carry the identity of the agent, not of the user that claude runs as.
        "GIT_AUTHOR_NAME": container,
        "GIT_AUTHOR_EMAIL": f"{container}@hive.invalid",
        "GIT_COMMITTER_NAME": container,
        "GIT_COMMITTER_EMAIL": f"{container}@hive.invalid",
    }
    if name == names.MANAGER:
        environment["HIVE_AGENTS_DIR"] = str(view.agents)
    if context.claude_cli is not None:
        environment["HIVE_CLAUDE_CLI"] = str(context.claude_cli)
    if context.runtime.isolates_network and network.isolated:
        return environment | network_environment(context, view, credential=credential)
    if context.claude_base_url is not None:
        environment["ANTHROPIC_BASE_URL"] = context.claude_base_url
    if credential is not None:
        environment[VARIABLES[credential.kind]] = credential.value
    return environment


def check_extra(extra: Mapping[str, str], place: str = "agent.toml: env") -> Mapping[str, str]:
    """Variables of a configuration, if it may set them; `bad_request` with their place otherwise."""
    for key, value in extra.items():
        if key in PROTECTED or key.startswith(_OURS):
            raise bad_request(f"{place}.{key} is set by the hive", "choose another name")
        if key.startswith(_LOADERS):
            raise bad_request(f"{place}.{key} would be obeyed by the harness", "set it where it is needed")
        if not key or "=" in key or "\0" in key + value:
            raise bad_request(f"{place}.{key!r} is no variable")
    return extra

"""How a container reaches the model and the internet: the variables inside, and the socket of `hive-proxy` outside."""

from actors.agent.context import AgentContext
from actors.agent.credentials import Credential, CredentialKind
from actors.agent.runtime import View
from actors.agent.workspace.paths import AgentPaths
from actors.proxy import api as proxy
from actors.supervision import Directory
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.network import Network
from harness.wire.proxy import DUMMY_KEY, MODEL_HOST, Upstream

FORWARDER_PORT = 3128
"""On the container's own loopback: nothing else is there when the harness starts."""

VARIABLES = {CredentialKind.KEY: "ANTHROPIC_API_KEY", CredentialKind.TOKEN: OAUTH_TOKEN}
"""How Claude Code knows each kind. With a token it asks as a subscriber does, whoever adds the value."""

_LOCAL = "localhost,127.0.0.1,::1"


def open_way_out(context: AgentContext, directory: Directory, paths: AgentPaths, network: Network) -> None:
    """Have the agent's socket served where its container has a network of its own, and closed where it has not.

    HiveError when the key cannot be read.
    """
    if not context.runtime.isolates_network:
        return
    if not network.isolated:
        proxy.close_socket(directory, paths.name)
        return
    proxy.open_socket(
        directory,
        paths.name,
        path=paths.proxy_socket,
        owner=context.runtime.owner(paths),
        network=network,
        upstream=upstream(context),
    )


def upstream(context: AgentContext) -> Upstream:
    """The operator's address of the model, and the hive's key or token."""
    credential = context.credentials.read()
    address = {} if context.claude_base_url is None else {"url": context.claude_base_url}
    added = {} if credential is None else {credential.kind.value: credential.value}
    return Upstream(**address, **added)


def network_environment(context: AgentContext, view: View, *, credential: Credential | None) -> dict[str, str]:
    """The variables of one agent whose container has a network of its own. The key, or token, is in none of them."""
    socket = str(view.proxy_socket)
    found: dict[str, str] = {}
    if credential is not None or context.claude_base_url is not None:
        found |= {"ANTHROPIC_UNIX_SOCKET": socket, "ANTHROPIC_BASE_URL": f"http://{MODEL_HOST}"}
    if credential is not None:
        found[VARIABLES[credential.kind]] = DUMMY_KEY
    # Not socks5:// in ALL_PROXY: Python's httpx then wants a package that few have, and fails before it connects.
    address = f"http://127.0.0.1:{FORWARDER_PORT}"
    named = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "ALL_PROXY": address, "NO_PROXY": _LOCAL}
    found |= {name: value for key, value in named.items() for name in (key, key.lower())}
    return found | {"HIVE_PROXY_SOCKET": socket, "HIVE_PROXY_PORT": str(FORWARDER_PORT)}

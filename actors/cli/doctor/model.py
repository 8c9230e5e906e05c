"""The model: reached as `hive-proxy` reaches it, with the key that agents use."""

import json
import subprocess
from collections.abc import Sequence

from actors.cli.doctor.disk import entries
from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings
from harness.wire import names
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import HiveError
from harness.wire.interpreter import module_argv
from harness.wire.proxy import Upstream

REACH = "harness.proxy.reach"
REACH_SECONDS = 40.0
OUTSIDE_PROXY = ("HTTPS_PROXY", "https_proxy")
REFUSED = (401, 403)
MOST_APART_SECONDS = 300.0
"""A clock that is further from the model's gets logins and certificates refused."""


def model(config: DaemonSettings) -> Finding:
    try:
        added = credential(config)
    except HiveError as error:
        return Finding("model", Level.BAD, error.message, error.hint)
    upstream = Upstream(url=config.claude_base_url or Upstream().url, **added)
    if any(name in config.agent_env for name in OUTSIDE_PROXY):
        return Finding("model", Level.OK, f"{upstream.url} was not tried: agent_env sends agents over a proxy to it")
    found = reach(upstream)
    if "error" in found:
        hint = "check the network and claude_base_url; docs/howto/proxy-and-certificates.md"
        return Finding("model", Level.BAD, str(found["error"]), hint)
    if (ahead := found.get("ahead_seconds")) is not None and abs(float(ahead)) > MOST_APART_SECONDS:
        text = f"this machine's clock is {float(ahead):+.0f} s from that of {upstream.url}"
        return Finding(
            "model", Level.BAD, text, "set the clock (`timedatectl set-ntp true`): logins and limits go by it"
        )
    missing = [] if added or OAUTH_TOKEN in config.agent_env else without_login(config)
    kind = next(iter(added), "key")
    return verdict(upstream.url, int(found["status"] or 0), has_key=bool(added), kind=kind, without_login=missing)


def verdict(url: str, status: int, *, has_key: bool, kind: str = "key", without_login: Sequence[str] = ()) -> Finding:
    """What an answer means, and what is missing for the agents that have no way to the model. Pure.

    `kind` is `key` or `token`: what the hive has, if `has_key`.
    """
    if status in REFUSED and has_key:
        hint = "`hive login --all`" if kind == "token" else "put a valid key into claude_api_key_file"
        return Finding("model", Level.BAD, f"{url} refuses the {kind} ({status})", hint)
    if status >= 500:
        return Finding("model", Level.WARN, f"{url} answers with {status}", "it may be down for the moment: try again")
    if without_login:
        text = f"{url} answers; there is no key, and these agents have no login: {', '.join(without_login)}"
        return Finding("model", Level.WARN, text, "hive login --all; or set claude_api_key_file")
    return Finding("model", Level.OK, f"{url} answers{f', and takes the {kind}' if has_key and status < 300 else ''}")


def without_login(config: DaemonSettings) -> list[str]:
    """The agents that have not logged in, the manager first; the manager of a hive that has not run yet."""
    from actors.agent.registry.tombstones import CREDENTIALS
    from actors.agent.workspace.paths import Workspace

    workspace = Workspace(config.state_dir, config.run_dir)
    known = {names.MANAGER_CONTAINER, *entries(workspace.applied)}
    lacking = [name for name in known if not (workspace.of(name).claude / CREDENTIALS).is_file()]
    return sorted(map(names.broker_name, lacking), key=lambda name: (name != names.MANAGER, name))


def credential(config: DaemonSettings) -> dict[str, str]:
    """The key or the token of the hive, by its field of an `Upstream`. HiveError when it cannot be read."""
    from actors.agent.context import AgentContext
    from actors.agent.runtime.process import ProcessRuntime

    found = AgentContext.of(config, ProcessRuntime()).credentials.read()
    return {} if found is None else {found.kind.value: found.value}


def reach(upstream: Upstream) -> dict[str, int | float | str | None]:
    """What the proxy's own way to the model comes to, in a process of its own."""
    try:
        done = subprocess.run(
            module_argv(REACH), input=upstream.model_dump_json(), capture_output=True, text=True, cwd="/",
            timeout=REACH_SECONDS, check=True,
        )  # fmt: skip
        found: dict[str, int | float | str | None] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return {"error": f"{upstream.url} was not tried: {error}"}
    return found

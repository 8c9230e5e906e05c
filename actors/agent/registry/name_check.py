"""Whether a new agent can have a name here: asked when it is requested, so that nothing fails at its start. Pure."""

import os

from actors.agent.runtime import Runtime
from actors.agent.workspace.paths import Workspace
from actors.daemon_settings import MAX_SOCKET_PATH
from harness.wire import names
from harness.wire.errors import bad_request


def check_word(name: str) -> None:
    """`bad_request` for a word that is no name anywhere, or is reserved."""
    try:
        names.check_new_name(name)
    except ValueError as error:
        raise bad_request(str(error)) from None


def check_new(name: str, runtime: Runtime, workspace: Workspace) -> None:
    """`bad_request` for a name that `check_word` refuses, or too long for this runtime or for its socket's path."""
    check_word(name)
    if len(name) > runtime.longest_name:
        raise bad_request(
            f"{name!r} has {len(name)} characters; with the runtime {runtime.name} a name has at most"
            f" {runtime.longest_name}",
            "choose a shorter name",
        )
    over = len(os.fsencode(workspace.of(name).socket)) - MAX_SOCKET_PATH
    if over > 0:
        raise bad_request(
            f"the socket of {name!r} would have a path of {over} bytes more than the {MAX_SOCKET_PATH} there can be",
            f"choose a name of at most {len(name) - over} characters"
            if len(name) > over
            else "set a shorter `run_dir`",
        )

"""Values in a configuration that look like credentials and therefore belong into the secret store. Pure."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from harness.wire.agent_config import AgentConfig, secret_name

_KNOWN = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}"
    r"|AKIA[A-Z0-9]{16}|AIza[\w-]{30,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|(?:npm|hf|dckr_pat|pypi)[_-][A-Za-z0-9_-]{20,}"
)
"""Prefixes that the issuers of tokens have made for being recognized."""
_URL_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_NAMED = re.compile(r"(TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|PAT)$", re.IGNORECASE)
_MIN_LENGTH = 12
_MIN_BITS = 2.8
"""Of entropy per character: words of a language have less when they repeat, tokens have more."""


def is_credential(variable: str, value: str) -> bool:
    """Whether this value of this variable looks like a credential. References are none."""
    if secret_name(value) is not None:
        return False
    if _KNOWN.search(value) or _URL_PASSWORD.search(value):
        return True
    return bool(_NAMED.search(variable)) and _is_random(value)


def literal_credentials(config: AgentConfig) -> list[tuple[str, str]]:
    """What looks like a credential in a configuration: its place, and a name for the secret."""
    return list(_literal(config))


def _literal(config: AgentConfig) -> Iterator[tuple[str, str]]:
    for variable, value in config.env.items():
        if is_credential(variable, value):
            yield f"env.{variable}", _proposed(variable)
    for key, server in config.extraMcpServers.items():
        for variable, value in server.env.items():
            if is_credential(variable, value):
                yield f"extraMcpServers.{key}.env.{variable}", _proposed(variable)
        for number, argument in enumerate(server.args):
            name, _, value = argument.rpartition("=")
            if is_credential(name.lstrip("-").replace("-", "_"), value):
                yield f"extraMcpServers.{key}.args[{number}]", _proposed(key.upper())
    if config.prompt is not None and _KNOWN.search(config.prompt):
        yield "prompt", "NAME"


def _proposed(variable: str) -> str:
    word = re.sub(r"[^A-Za-z0-9_]", "_", variable).lstrip("_0123456789")[:64]
    return word or "NAME"


def _is_random(value: str) -> bool:
    if len(value) < _MIN_LENGTH or value.startswith("/") or "://" in value or " " in value:
        return False
    counts = Counter(value).values()
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
    return bits >= _MIN_BITS

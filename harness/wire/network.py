"""What an agent may reach: the `[network]` table of `agent.toml`, and the patterns of host names in it. Pure."""

import contextlib
import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_ALLOWED = 200
"""Patterns in `allow`."""

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_PATTERN = re.compile(rf"(\*\.)?({_LABEL}\.)*{_LABEL}", re.ASCII)
_ASKS_FOR_ALL = "*"


class NetworkMode(StrEnum):
    """`proxied`: the model and, through `hive-proxy`, public hosts. `none`: the model. `host`: the host's network."""

    PROXIED = "proxied"
    NONE = "none"
    HOST = "host"


def check_pattern(pattern: str) -> str:
    """A host name, an address, or `*.` and a domain; in lower case, without the final dot."""
    folded = pattern.lower().removesuffix(".")
    with contextlib.suppress(ValueError):
        return str(ip_address(folded.strip("[]")))
    if len(folded) > 253 or not _PATTERN.fullmatch(folded):
        hint = ", leave allow out to reach every public host" if pattern == _ASKS_FOR_ALL else ""
        raise ValueError(f'{pattern[:80]!r} is no host: write "example.org" or "*.example.org"{hint}')
    return folded


class Network(BaseModel):
    """Public hosts through `hive-proxy`, unless the configuration chooses another network.

    `allow` None means every public host. Private addresses are out of reach of `proxied` whatever it says.
    """

    @property
    def is_chosen(self) -> bool:
        """Whether the configuration says it, rather than leaving it to the default."""
        return bool(self.model_fields_set)

    @property
    def isolated(self) -> bool:
        """Whether the container has a network of its own and reaches the model through `hive-proxy`."""
        return self.mode is not NetworkMode.HOST

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: NetworkMode = NetworkMode.PROXIED
    allow: Annotated[list[Annotated[str, AfterValidator(check_pattern)]], Field(max_length=MAX_ALLOWED)] | None = None

    @model_validator(mode="after")
    def _allow_needs_the_proxy(self) -> "Network":
        if self.allow is not None and self.mode is not NetworkMode.PROXIED:
            raise ValueError(f'allow has no meaning with mode = "{self.mode}": it needs mode = "proxied"')
        return self

    def allows(self, host: str) -> bool:
        """Whether the configuration lets an agent reach this host, by its name alone."""
        if self.mode is NetworkMode.HOST:
            return True
        if self.mode is NetworkMode.NONE:
            return False
        return self.allow is None or any(matches(pattern, host) for pattern in self.allow)


def matches(pattern: str, host: str) -> bool:
    """`*.example.org` stands for every name below `example.org`, not for `example.org` itself."""
    folded = host.lower().removesuffix(".")
    return folded.endswith(pattern[1:]) if pattern.startswith("*.") else folded == pattern

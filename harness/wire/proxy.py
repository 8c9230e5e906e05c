"""What the daemon tells `hive-proxy`, and what `hive-proxy` reports.

Both are datagrams of one JSON object each, on a connection to the proxy's control socket. `Serve` carries the
listening socket of the agent as a descriptor when it is new, `Held` always does. The proxy begins with `Hello`, and
`Held` for each agent that it serves.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.wire.network import Network

ORDER_BYTES = 128 * 1024
"""Of one order: space for the longest list of hosts, each of them as long as names can be."""

MAX_HOSTS = 200
"""Hosts that are kept of one agent; what is reached beyond them is counted together."""

MODEL_HOST = "model.hive.invalid"
"""The host of the model as an agent's Claude knows it; the proxy has the real address."""

DUMMY_KEY = "the-proxy-adds-the-key"
"""Stands for the API key, or the token, inside a container."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Upstream(_Message):
    """Where the model is, and the key or token that the proxy adds; without one the agent's own credentials pass."""

    url: str = "https://api.anthropic.com"
    key: str | None = Field(default=None, repr=False)
    token: str | None = Field(default=None, repr=False)

    @property
    def credential(self) -> tuple[str, str] | None:
        """The header that the proxy adds; None where it adds none."""
        if self.key is not None:
            return "x-api-key", self.key
        return None if self.token is None else ("Authorization", f"Bearer {self.token}")


class Serve(_Message):
    """Serve this agent with these settings, from now on: on the socket that comes along, or on the one it has."""

    kind: Literal["serve"] = "serve"
    agent: str
    network: Network
    upstream: Upstream


class Close(_Message):
    """Serve this agent no longer; its connections end."""

    kind: Literal["close"] = "close"
    agent: str


class Drain(_Message):
    """Accept nothing any more, let what streams come to its end, then end."""

    kind: Literal["drain"] = "drain"


class End(_Message):
    """End now, every connection with it."""

    kind: Literal["end"] = "end"


Order = Serve | Close | Drain | End
ORDERS: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(discriminator="kind")])


class HostReport(_Message):
    """One host that an agent tried to reach. Counts are those since the last report of this host."""

    agent: str
    host: str
    port: int
    connected: int = 0
    refused: int = 0
    reason: str | None = None
    """Why it was not connected the last time; None when it was."""
    last_ms: int


class Hello(_Message):
    """The first word of a proxy on each connection; so many `Held` follow."""

    kind: Literal["hello"] = "hello"
    revision: str | None
    """Of the hive that it was started from."""
    draining: bool = False
    held: int


class Held(_Message):
    """An agent that the proxy serves, with its listening socket."""

    kind: Literal["held"] = "held"
    agent: str


class Reached(_Message):
    """A report of one agent and one host."""

    kind: Literal["reached"] = "reached"
    report: HostReport


Report = Hello | Held | Reached
REPORTS: TypeAdapter[Report] = TypeAdapter(Annotated[Report, Field(discriminator="kind")])

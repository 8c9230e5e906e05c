"""What the daemon tells `hive-proxy`, and what `hive-proxy` reports.

The daemon's orders are datagrams on the standard input of the proxy, one JSON object each; `Serve` carries the
listening socket of the agent as a descriptor. Reports are lines on its standard output.
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
"""Stands for the API key inside a container."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Upstream(_Message):
    """Where the model is, and the key that the proxy adds; without a key the agent's own credentials pass."""

    url: str = "https://api.anthropic.com"
    key: str | None = Field(default=None, repr=False)


class Serve(_Message):
    """Serve this agent on the socket that comes along; replaces what was served before."""

    kind: Literal["serve"] = "serve"
    agent: str
    network: Network
    upstream: Upstream


class Close(_Message):
    """Serve this agent no longer; its connections end."""

    kind: Literal["close"] = "close"
    agent: str


Order = Serve | Close
ORDERS: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(discriminator="kind")])


class HostReport(_Message):
    """One host that an agent tried to reach. Counts are those since the last report of this host.

    A report is shorter than a pipe takes at once (4096 bytes): it is written whole or not at all.
    """

    agent: str
    host: str
    port: int
    connected: int = 0
    refused: int = 0
    reason: str | None = None
    """Why it was not connected the last time; None when it was."""
    last_ms: int

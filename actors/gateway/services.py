"""What a verb of the operator surface has at hand."""

from collections.abc import Callable
from dataclasses import dataclass

from actors.config import HostConfig
from actors.connection import Connection
from actors.supervision import Clock, Directory
from harness.wire.model import Reply, Request


@dataclass(frozen=True, slots=True)
class Services:
    """Passed to every verb; the verb asks actors through the directory and keeps nothing."""

    directory: Directory
    config: HostConfig
    clock: Clock


Verb = Callable[[Services, Request, Connection], Reply | None]
"""Answers one request; None when it has written its own lines (a stream)."""

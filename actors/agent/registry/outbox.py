"""The outbox of the registry: posts that report changes of rows, in one transaction with them.

Part of the registry and run in it. Promises: what was posted is on disk together with the changes it reports; while
the broker or the disk is away, it is tried again.
"""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from actors.agent.registry import table
from actors.agent.registry.messages import PostAgain, PostResult
from actors.agent.registry.store import AgentStore
from actors.broker.api import BROKER
from actors.broker.messages import Post, PostAll
from actors.supervision import Actor, Directory

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""Pause before a transaction that failed is tried again."""

Changes = Mapping[str, Mapping[str, Any]]
"""Columns of rows, by name."""

NO_CHANGES: Changes = MappingProxyType({})


class Outbox:
    """`registry` is the actor whose mailbox and timers are used."""

    def __init__(self, registry: Actor, *, store: AgentStore, directory: Directory) -> None:
        self._registry = registry
        self._store = store
        self._directory = directory

    def post(self, posts: tuple[Post, ...], changes: Changes = NO_CHANGES) -> None:
        """Post these in one transaction with the changes of rows they report. Never waits."""
        if not posts and not changes:
            return
        extra_write = table.updates(self._registry.clock.now_ms(), changes)
        sent = self._directory.ask_later(BROKER, PostAll(posts, extra_write))
        sent.then(lambda done: self._registry.tell_self(PostResult(posts, changes, done)))

    def handle(self, message: PostResult | PostAgain) -> None:
        """Take the result of a transaction, or try it again."""
        match message:
            case PostAgain(posts, changes):
                self.post(posts, changes)
            case PostResult(posts, changes, result) if result.error is None:
                for name, columns in changes.items():
                    self._store.remember(name, **columns)
            case PostResult(posts, changes, result):
                log.warning("not posted yet posts=%s error=%s", len(posts), result.error)
                self._registry.tell_after(RETRY_SECONDS, PostAgain(posts, changes))

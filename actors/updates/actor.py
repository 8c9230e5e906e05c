"""The scan for stale agents at the start of the daemon. Transient: the actor ends when the scan is done.

Owns nothing. Promises: adopted agents that run an older revision are rebuilt, the manager first, by the code that
rebuilds all; or, with `auto_update` off, the manager is notified of each, once. Those that were started with another
key or token of the hive than it has now are rebuilt either way. An agent that an approval is about to rebuild is left
to the approval. A hive that does not know its own revision changes nothing and logs a warning.
"""

import logging

from actors.agent.registry import api as agents
from actors.approvals import api as approvals
from actors.supervision import Actor, Clock, Directory, Exit, SupervisionError
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
REASON = "the hive was updated"


class Scan:
    """To itself: scan."""


class UpdatesActor(Actor):
    """`revision` is that of this hive."""

    def __init__(self, *, revision: str | None, auto: bool, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._revision = revision
        self._auto = auto
        self._directory = directory

    def on_start(self) -> None:
        self.tell_self(Scan())

    def handle(self, message: object) -> None:
        if isinstance(message, Scan):
            try:
                self._scan()
            except (HiveError, SupervisionError) as error:  # AskTimeout: many agents make a registry busy at the start
                log.warning("scan for stale agents put off error=%s", error)
                self.tell_after(RETRY_SECONDS, Scan())
                return
            self.exit(Exit.normal())

    def _scan(self) -> None:
        if self._revision is None:
            log.warning("no updates: the revision of this hive is not known, agents stay as they are")
            return
        # The answer of `snapshots` then comes after every adoption was reported.
        agents.adopted(self._directory)
        coming = approvals.to_be_rebuilt(self._directory)
        stale = [
            one.record.name for one in agents.snapshots(self._directory) if one.stale and one.record.name not in coming
        ]
        log.info("updates revision=%s stale=%s auto=%s", self._revision, ",".join(stale) or "none", self._auto)
        if stale and self._auto:
            agents.rebuild_all(self._directory, reason=REASON, only=stale)
        elif stale:
            agents.tell_stale(self._directory, stale)
        agents.use_credentials(self._directory)  # they may have changed while no daemon ran

"""What the peers ask of the broker about their inboxes."""

import logging
from collections.abc import Mapping

from actors.broker import api as broker
from actors.broker.api import Counts
from actors.supervision import Directory, SupervisionError
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)


def counts(directory: Directory) -> Mapping[str, Counts]:
    """The mail of every name in figures. A broker that does not answer leaves them out: unknown, never zero."""
    try:
        return broker.counts(directory)
    except (SupervisionError, HiveError) as error:
        log.warning("peers without figures error=%s", error)
        return {}

"""The mail of the peers in figures, as the broker counts it."""

import logging
from collections.abc import Mapping

from actors.broker import api as broker
from actors.broker.api import Counts
from actors.supervision import Directory, SupervisionError
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)


def counts(directory: Directory) -> Mapping[str, Counts]:
    """By name. A broker that does not answer leaves the figures null, never zero."""
    try:
        return broker.counts(directory)
    except (SupervisionError, HiveError) as error:
        log.warning("peers without figures error=%s", error)
        return {}

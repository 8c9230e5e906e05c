"""What every page has at hand, put together once at the start."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.wire import names, times
from web import diffs, look, said, standing, text, urls, words
from web.assets import Assets
from web.auth import Keyring, Throttle
from web.feed import Feed
from web.host import Host
from web.notices import Notices
from web.reads import Reads
from web.render import Templates
from web.settings import WebSettings
from web.sse import Live


def wall_ms() -> int:
    """Now, milliseconds UTC."""
    return time.time_ns() // 1_000_000


def stamp(at: str | int) -> str:
    """A moment as the machine-readable half of a `<time>`."""
    return times.from_ms(at) if isinstance(at, int) else at


@dataclass(frozen=True, slots=True)
class Services:
    """Passed to every page; pages keep nothing."""

    settings: WebSettings
    host: Host
    feed: Feed
    reads: Reads
    notices: Notices
    live: Live
    keyring: Keyring
    throttle: Throttle
    assets: Assets
    templates: Templates
    machine: str
    now_ms: Callable[[], int]


def build(settings: WebSettings, token: str, now_ms: Callable[[], int] = wall_ms) -> Services:
    """Everything but the listening socket; the feed is not started."""
    host = Host(settings.socket)
    feed = Feed(host, now_ms)
    assets = Assets()
    shared = {
        "urls": urls,
        "text": text,
        "look": look,
        "standing": standing,
        "diffs": diffs,
        "asset": assets.url,
        "has_asset": assets.has,
        "words": words,
        "said": said,
        "stamp": stamp,
        "stamp_ms": times.to_ms,
        "who": names.container_name,
    }
    return Services(
        settings=settings,
        host=host,
        feed=feed,
        reads=Reads(host, feed, now_ms),
        notices=Notices(feed),
        live=Live(feed),
        keyring=Keyring(token),
        throttle=Throttle(),
        assets=assets,
        templates=Templates(shared=shared),
        machine=socket.gethostname(),
        now_ms=now_ms,
    )

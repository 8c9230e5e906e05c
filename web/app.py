"""The parts that every page uses, put together once at the start."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.wire import names, times
from web.daemon.cache import ReplyCache
from web.daemon.client import DaemonClient
from web.daemon.commands import Commands
from web.daemon.feed import EventFeed
from web.daemon.rows import Rows
from web.daemon.sessions import Sessions
from web.daemon.terminals import Terminals
from web.http import urls, user_agent
from web.http.assets import Assets
from web.http.auth import Keyring, Session, Throttle, digest
from web.http.site import Site, random_name
from web.live.notices import RecentNotices
from web.live.sse import LiveStreams
from web.live.terminal import OpenSockets
from web.presentation import (
    agent_state,
    agent_table,
    cause_rows,
    decision_state,
    diff,
    formats,
    links,
    markdown,
    system_events,
    titles,
)
from web.settings import WebSettings
from web.templating import Templates, tree


def wall_ms() -> int:
    """Now, milliseconds UTC."""
    return time.time_ns() // 1_000_000


def timestamp(at: str | int) -> str:
    """A moment as the machine-readable half of a `<time>`."""
    return times.from_ms(at) if isinstance(at, int) else at


@dataclass(frozen=True, slots=True)
class WebApp:
    """The web process as its pages see it; a page keeps no state of its own."""

    settings: WebSettings
    feed: EventFeed
    rows: Rows
    commands: Commands
    notices: RecentNotices
    streams: LiveStreams
    keyring: Keyring
    sessions: Sessions
    terminals: Terminals
    sockets: OpenSockets
    throttle: Throttle
    site: Site
    assets: Assets
    templates: Templates
    hostname: str
    now_ms: Callable[[], int]

    @classmethod
    def build(cls, settings: WebSettings, token: str, now_ms: Callable[[], int] = wall_ms) -> "WebApp":
        """All parts; the feed is not started."""
        daemon = DaemonClient(settings.socket)
        feed = EventFeed(daemon, now_ms)
        cache = ReplyCache(feed, now_ms)
        assets = Assets()
        keyring, streams, sockets = Keyring(token), LiveStreams(feed), OpenSockets()

        def end_session(session: int) -> None:
            streams.end_session(session)
            sockets.end_session(session)

        return cls(
            settings=settings,
            feed=feed,
            rows=Rows(daemon, feed, cache, now_ms),
            commands=Commands(daemon, cache),
            notices=RecentNotices(feed),
            streams=streams,
            keyring=keyring,
            sessions=Sessions(daemon, feed, now_ms, end_session),
            terminals=Terminals(daemon),
            sockets=sockets,
            throttle=Throttle(),
            site=Site.of(settings.name or random_name(), settings.host, settings.allowed_hosts),
            assets=assets,
            templates=_templates(assets),
            hostname=socket.gethostname(),
            now_ms=now_ms,
        )

    def session(self, cookie: str | None) -> Session | None:
        """The open session of a cookie; None for a cookie that is forged or whose session has ended."""
        if not cookie or not self.keyring.is_cookie(cookie):
            return None
        row = self.sessions.find(digest(cookie))
        return Session(row.id, self.keyring.csrf(cookie)) if row else None

    def open_session(self, address: str, user_agent: str) -> str:
        """The cookie of a new session."""
        cookie = self.keyring.new_cookie()
        self.sessions.open(digest(cookie), address, user_agent)
        return cookie


def _templates(assets: Assets) -> Templates:
    """The templates, with the names that all of them know."""
    return Templates(
        shared={
            "agent_state": agent_state,
            "agent_table": agent_table,
            "asset_url": assets.url,
            "cause_rows": cause_rows,
            "container_name": names.container_name,
            "decision_state": decision_state,
            "diff": diff,
            "formats": formats,
            "has_asset": assets.has,
            "links": links,
            "markdown": markdown,
            "system_events": system_events,
            "timestamp": timestamp,
            "timestamp_ms": times.to_ms,
            "titles": titles,
            "tree": tree,
            "urls": urls,
            "user_agent": user_agent,
        }
    )

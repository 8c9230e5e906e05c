"""The address of a login, which an agent's container names and the operator is asked to open. Pure.

Imports no pydantic, so that the CLI can read it.
"""

from urllib.parse import urlsplit

DOMAINS = ("claude.com", "claude.ai", "anthropic.com")
"""Where the pages of a Claude account are: on these domains or below them."""


def is_account_page(url: str) -> bool:
    """Whether this is a page of the account; on another one the operator might give a login away."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    known = any(host == domain or host.endswith(f".{domain}") for domain in DOMAINS)
    return known and parts.scheme == "https" and parts.username is None and port in {None, 443} and "\\" not in url

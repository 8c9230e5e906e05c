"""From what a sender wrote to the rows that come of it. Pure: the registry is an argument.

Fails with `not_found` (nobody by that name, with a suggestion), `forbidden` (the sender's policy) and
`too_large` or `bad_request` (the body).
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from actors.broker.messages import Post, Role, Send
from actors.broker.policy import UNRESTRICTED, may_send, refusal
from harness.wire.agent_api import MAX_BODY_BYTES
from harness.wire.errors import ErrorCode, HiveError, bad_request, forbidden, not_found
from harness.wire.limits import BODY_LIMIT
from harness.wire.names import BROADCAST, MANAGER, OPERATOR, RESERVED, SELF, broker_name


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who can be written to, and whom he may write to (None: everybody)."""

    name: str
    role: Role
    allowed: frozenset[str] | None = None


Registry = Mapping[str, Addressee]


def posts_of(send: Send, registry: Registry) -> tuple[Post, ...]:
    """One post per recipient; a broadcast has one for everybody but its sender."""
    allowed = _allowed(send.sender, registry)
    to = send.sender if send.to == SELF else send.to
    check_body(send.body)
    recipients = _everybody_but(send.sender, registry) if to == BROADCAST else (_known(to, registry),)
    if not may_send(send.sender, to, allowed):
        raise refusal(send.sender, to, allowed)
    broadcast = to == BROADCAST
    return tuple(Post(send.sender, one, send.body, send.kind, send.in_reply_to, broadcast) for one in recipients)


def check_address(sender: str, to: str, registry: Registry) -> None:
    """Refuse an address that `sender` could not write to: nobody's, or past its policy."""
    allowed = _allowed(sender, registry)
    _known(to, registry)
    if not may_send(sender, to, allowed):
        raise refusal(sender, to, allowed)


def check_body(body: str) -> None:
    """Refuse what is too long, in bytes of UTF-8, or no text: JSON can spell half a surrogate pair."""
    if len(body) <= MAX_BODY_BYTES and body.isascii():
        return
    try:
        size = len(body.encode())
    except UnicodeEncodeError:
        raise bad_request("the text holds half a surrogate pair, which is no character") from None
    if size > MAX_BODY_BYTES:
        raise HiveError(
            ErrorCode.TOO_LARGE,
            f"a message body is at most {BODY_LIMIT}, this one has {size} bytes",
            "write a file under /shared or state/ and send its path",
        )


def check_alias(name: str, alias: str, registry: Registry) -> None:
    """Refuse a `wake` that would show somebody else as its sender."""
    check_body(alias)
    spelled = broker_name(alias.strip().casefold())
    taken = spelled in registry or spelled in RESERVED or spelled == BROADCAST
    if taken and spelled != name:
        raise forbidden(f"{alias!r} is somebody's name", "say what woke the agent, for instance 'webhook'")


def outside(alias: str) -> str:
    """How what came in by `wake` is signed: a sender that can never be the name of anybody in the hive."""
    return f"outside:{alias}"


def known_names(registry: Registry) -> set[str]:
    """Everybody who can be written to by name."""
    return {MANAGER, OPERATOR, *registry}


def _allowed(sender: str, registry: Registry) -> frozenset[str] | None:
    if sender in UNRESTRICTED:
        return None
    if sender not in registry:
        raise forbidden(f"{sender} is not registered", "its agent was destroyed or its peer removed")
    return registry[sender].allowed


def _known(to: str, registry: Registry) -> str:
    if to in registry or to in {MANAGER, OPERATOR}:
        return to
    close = difflib.get_close_matches(to, known_names(registry), n=1)
    raise not_found(f"recipient {to!r}", f"did you mean {close[0]!r}?" if close else "`*` reaches everybody")


def _everybody_but(sender: str, registry: Registry) -> tuple[str, ...]:
    return tuple(sorted({MANAGER, *registry} - {sender, OPERATOR}))

"""From a request to the messages that come of it: who is addressed, and whether the sender may. Pure.

Fails with `not_found` (no addressee of that name, with a suggestion), `forbidden` (the sender's policy) and
`too_large` or `bad_request` (the body).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from actors.broker.messages import Post, Role, Send
from actors.broker.policy import UNRESTRICTED, may_send, refusal
from harness.wire.agent_api import MAX_BODY_BYTES
from harness.wire.boundary.near import did_you_mean
from harness.wire.errors import ErrorCode, HiveError, bad_request, forbidden, not_found
from harness.wire.limits import BODY_LIMIT
from harness.wire.names import BROADCAST, MANAGER, OPERATOR, RESERVED, SELF, broker_name


@dataclass(frozen=True, slots=True)
class Addressee:
    """A name that can be written to, and the names it may write to (None: all)."""

    name: str
    role: Role
    allowed: frozenset[str] | None = None


AddressBook = Mapping[str, Addressee]
"""Every registered addressee by name. Manager and operator can be written to without being in it."""


def posts_of(send: Send, book: AddressBook) -> tuple[Post, ...]:
    """One post per recipient; a broadcast has one for every addressee but its sender."""
    allowed = _allowed(send.sender, book)
    to = send.sender if send.to == SELF else send.to
    check_body(send.body)
    if not send.body.strip():
        raise bad_request("the message has no text", "say what it is about")
    recipients = _all_but(send.sender, book) if to == BROADCAST else (_known(to, book),)
    if not may_send(send.sender, to, allowed):
        raise refusal(send.sender, to, allowed)
    broadcast = to == BROADCAST
    return tuple(
        Post(send.sender, one, send.body, send.kind, send.in_reply_to, broadcast, send.cause) for one in recipients
    )


def check_address(sender: str, to: str, book: AddressBook) -> None:
    """Refuse an address that `sender` could not write to: an unknown one, or one past its policy."""
    allowed = _allowed(sender, book)
    _known(to, book)
    if not may_send(sender, to, allowed):
        raise refusal(sender, to, allowed)


def check_body(body: str) -> None:
    """Refuse a body that is too long, in bytes of UTF-8, or no text: JSON can spell half a surrogate pair."""
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


def check_alias(name: str, alias: str, book: AddressBook) -> None:
    """Refuse a `wake` that would show another name of this hive as its sender."""
    check_body(alias)
    spelled = broker_name(alias.strip().casefold())
    taken = spelled in book or spelled in RESERVED or spelled == BROADCAST
    if taken and spelled != name:
        raise forbidden(f"{alias!r} is a name in this hive", "say what woke the agent, for instance 'webhook'")


def outside_sender(alias: str) -> str:
    """The sender of what came in by `wake`: never a name that the hive can give."""
    return f"outside:{alias}"


def known_names(book: AddressBook) -> set[str]:
    """Every name that can be written to."""
    return {MANAGER, OPERATOR, *book}


def _allowed(sender: str, book: AddressBook) -> frozenset[str] | None:
    if sender in UNRESTRICTED:
        return None
    if sender not in book:
        raise forbidden(f"{sender} is not registered", "its agent was destroyed or its peer removed")
    return book[sender].allowed


def _known(to: str, book: AddressBook) -> str:
    if to in book or to in {MANAGER, OPERATOR}:
        return to
    raise not_found(f"recipient {to!r}", did_you_mean(to, known_names(book)) or "`*` reaches everybody")


def _all_but(sender: str, book: AddressBook) -> tuple[str, ...]:
    return tuple(sorted({MANAGER, *book} - {sender, OPERATOR}))

"""Routes: which function answers which verb of the wire.

A route is registered with `route(SEND, send)`; the type checker refuses a function that does not take the row's request
or does not return its reply. `C` is the context that a surface hands to its functions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from actors.connection import Connection
from actors.listener import Handler
from harness.wire.model import Reply, Request
from harness.wire.verb import Caller, StreamVerb, Verb, Verbs

C = TypeVar("C")
Q = TypeVar("Q", bound=Request)
A = TypeVar("A", bound=Reply)


@dataclass(frozen=True, slots=True)
class Route(Generic[C]):
    """One verb and its function. None as the answer: the function has written the lines of a stream."""

    verb: Verb[Any, Any]
    function: Callable[[C, Any, Connection], Reply | None]


def route(verb: Verb[Q, A], function: Callable[[C, Q, Connection], A]) -> Route[C]:
    """`function` answers `verb`."""
    return Route(verb, function)


def stream_route(verb: StreamVerb[Q, A], function: Callable[[C, Q, Connection], A | None]) -> Route[C]:
    """`function` answers `verb`, or writes its lines to the connection itself and returns None at the end."""
    return Route(verb, function)


def verbs(routes: Iterable[Route[C]], caller: Caller) -> Verbs:
    """What the socket of this caller serves."""
    return {one.verb.cmd: one.verb for one in routes if caller in one.verb.callers}


def handler(routes: Iterable[Route[C]], context: C) -> Handler:
    """The function that a listener calls for each request; it is given only verbs that the listener serves."""
    functions = {one.verb.cmd: one.function for one in routes}

    def answer(request: Request, connection: Connection) -> Reply | None:
        return functions[request.cmd](context, request, connection)

    return answer

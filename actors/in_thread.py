"""Blocking work in a native thread of the loop's pool, for functions that touch files an agent sizes or shapes."""

from collections.abc import Callable
from typing import Any, TypeVar

from gevent import get_hub

R = TypeVar("R")


def in_thread(function: Callable[..., R], *arguments: Any) -> R:
    """`function(*arguments)`; only the calling greenlet waits. Raises what the function raises.

    The pool itself would print the traceback of every error, an expected refusal included.
    """
    value, error = get_hub().threadpool.apply(_outcome, (function, arguments))
    if error is not None:
        raise error
    result: R = value
    return result


def _outcome(function: Callable[..., R], arguments: tuple[Any, ...]) -> tuple[R | None, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error

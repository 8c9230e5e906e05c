"""A reply that comes later: pykka's future on gevent, resolvable once, with callbacks.

Owns nothing. Promises that the first `set` or `fail` counts and later ones are ignored: the end of
an actor and the answer it was about to give may cross. Everything here happens on the loop's
thread; another thread uses `loop.run_callback_threadsafe(promise.set, value)`.
"""

import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import pykka
from gevent import get_hub
from gevent.hub import Waiter

from actors.supervision.errors import AskTimeout
from actors.supervision.origin import ORIGIN, Origin

T = TypeVar("T")
M = TypeVar("M")

NO_ERROR_GIVEN = "a promise failed without saying why"


class Promise(pykka.Future[T], Generic[T]):
    """A value that arrives later. `get` waits for it in the calling greenlet, others keep running."""

    __slots__ = ("_callbacks", "_done", "_error", "_value", "_waiters")

    # pykka's own __init__ would create an instance dict for this on every ask; its `ActorRef.stop` sets it.
    _get_hook = None

    def __init__(self) -> None:
        self._done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._waiters: list[Waiter] | None = None
        self._callbacks: list[tuple[Callable[[Promise[T]], object], Origin | None]] | None = None

    def __repr__(self) -> str:
        state = "waiting" if not self._done else "failed" if self._error is not None else "set"
        return f"<Promise {state}>"

    @property
    def done(self) -> bool:
        """Whether the promise is resolved, by a value or an error."""
        return self._done

    @property
    def error(self) -> BaseException | None:
        """What the promise failed with; None while it waits and when it holds a value."""
        return self._error

    def set(self, value: T | None = None) -> None:
        """Resolve with a value."""
        if not self._done:
            self._value = value
            self._resolve()

    def fail(self, error: BaseException) -> None:
        """Resolve with an error, which `get` raises."""
        if not self._done:
            self._error = error
            self._resolve()

    def set_exception(self, exc_info: Any = None) -> None:
        """Pykka's name of `fail`: an `exc_info` triple, or the exception that is being handled."""
        error = (exc_info or sys.exc_info())[1]
        self.fail(error if error is not None else RuntimeError(NO_ERROR_GIVEN))

    def get(self, *, timeout: float | None = None) -> T:
        """Wait for the value. Raises what the promise failed with, and `AskTimeout` after `timeout` seconds."""
        if self._get_hook is not None:
            return self._get_hook(timeout)
        if not self.wait(timeout):
            raise AskTimeout("the actor", timeout or 0.0)
        if self._error is not None:
            raise self._error
        return cast("T", self._value)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the promise is resolved; False when `timeout` seconds pass first."""
        if self._done:
            return True
        hub = get_hub()
        waiter = Waiter(hub)
        if self._waiters is None:
            self._waiters = [waiter]
        else:
            self._waiters.append(waiter)
        timer = None if timeout is None else hub.loop.timer(max(timeout, 0.0))
        try:
            if timer is not None:
                timer.start(waiter.switch, None)
            waiter.get()
        finally:
            if timer is not None:
                timer.stop()
                timer.close()
            if not self._done:
                self._waiters.remove(waiter)
        return self._done

    def then(self, callback: Callable[["Promise[T]"], object]) -> None:
        """Call back once the promise is resolved, at once if it already is. The callback must not block.

        It runs for the origin of the greenlet that calls `then`, not for that of the greenlet that resolves.
        """
        if self._done:
            callback(self)
        elif self._callbacks is None:
            self._callbacks = [(callback, ORIGIN.get())]
        else:
            self._callbacks.append((callback, ORIGIN.get()))

    def map(self, func: Callable[[T], M]) -> "Promise[M]":
        """A promise of `func(value)`; it fails with the error of this promise, or of `func`."""
        mapped: Promise[M] = Promise()

        def pass_on(source: Promise[T]) -> None:
            if source._error is not None:
                mapped.fail(source._error)
                return
            try:
                mapped.set(func(cast("T", source._value)))
            except Exception as error:
                mapped.fail(error)

        self.then(pass_on)
        return mapped

    def forward(self, to: pykka.Future[T]) -> None:
        """Pass this promise's outcome on to `to` as soon as it is known."""

        def pass_on(source: Promise[T]) -> None:
            if source._error is not None:
                to.set_exception((type(source._error), source._error, None))
            else:
                to.set(cast("T", source._value))

        self.then(pass_on)

    def _resolve(self) -> None:
        self._done = True
        waiters, self._waiters = self._waiters, None
        callbacks, self._callbacks = self._callbacks, None
        for waiter in waiters or ():
            # The hub switches: the caller, which may be a hub callback itself, goes on first.
            waiter.hub.loop.run_callback(waiter.switch, None)
        if callbacks is None:
            return
        resolver = ORIGIN.get()
        for callback, origin in callbacks:
            if origin is resolver:
                callback(self)
                continue
            ORIGIN.set(origin)
            try:
                callback(self)
            finally:
                ORIGIN.set(resolver)


def resolved(value: T) -> Promise[T]:
    """A promise that holds its value already."""
    promise: Promise[T] = Promise()
    promise.set(value)
    return promise

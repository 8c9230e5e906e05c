"""What waits for the end of a container: the orders to stop it, and the orders to start it again. In memory."""

from actors.supervision import Promise
from harness.wire.errors import conflict


class Orders:
    """The orders on the container of `agent`, as promises to keep."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._halts: list[Promise[None]] = []
        self._runs: list[tuple[Promise[None], str | None]] = []
        self._turns: list[Promise[None]] = []

    @property
    def starts_again(self) -> bool:
        """Whether the container is started again when it has ended."""
        return bool(self._runs)

    def await_turn(self, promise: Promise[None]) -> Promise[None]:
        """Keep the promise when the running turn is over; the container is ended from elsewhere."""
        self._turns.append(promise)
        return promise

    def turn_over(self) -> bool:
        """Note that the turn is over, or was waited for long enough; whether the container is to be ended here."""
        turns, self._turns = self._turns, []
        for promise in turns:
            promise.set(None)
        return bool(self._halts or self._runs) or not turns

    def halt(self, promise: Promise[None]) -> Promise[None]:
        """Keep the promise when the container has ended."""
        self._halts.append(promise)
        return promise

    def run(self, promise: Promise[None], wakeup_text: str | None) -> Promise[None]:
        """Keep the promise when the container has been started again. `wakeup_text` tells the agent why it was."""
        self._runs.append((promise, wakeup_text))
        return promise

    def refuse_halts(self) -> None:
        """Refuse the orders to stop: the agent was started before its container ended."""
        while self._halts:
            self._halts.pop().fail(conflict(f"{self._agent} was started meanwhile"))

    def refuse_runs(self) -> None:
        """Refuse the orders to start it again: the agent was stopped meanwhile."""
        self.not_started(conflict(f"{self._agent} was stopped meanwhile"))

    def ended(self) -> None:
        """Note that there is no container."""
        while self._halts:
            self._halts.pop().set(None)

    def started(self) -> str | None:
        """Note that the container was started again; the text of the wakeup, if there is one to send."""
        runs, self._runs = self._runs, []
        for promise, _ in runs:
            promise.set(None)
        return next((text for _, text in runs if text), None)

    def not_started(self, error: Exception) -> None:
        """Note that the container was not started again."""
        while self._runs:
            self._runs.pop()[0].fail(error)

"""Actors to test with: they record what happens to them and follow instructions."""

import gevent
from gevent.event import Event

from actors.supervision import Actor, ChildSpec, Directory, Exit, Supervisor, SupervisorFlags


class Expected(Exception):
    """An error that an asker handles."""

    expected = True


class Worker(Actor):
    """Follows the instructions in its messages; `trace` records what happened, as words."""

    def __init__(self, trace=None, label="", *, start_error=None, **kwargs):
        super().__init__(**kwargs)
        self.trace = trace if trace is not None else []
        self.label = label
        self.start_error = start_error

    def on_start(self):
        if self.start_error is not None:
            raise self.start_error
        self.trace.append(f"+{self.label}")

    def handle(self, message):
        match message:
            case BaseException():
                raise message
            case Exit():
                self.exit(message)
            case ("block", event):
                event.wait()
            case "name":
                return self.name
            case _:
                self.trace.append(message)
                return message
        return None

    def on_stop(self):
        self.trace.append(f"-{self.label}")

    def on_crash(self, exit_reason):
        self.trace.append(f"!{self.label}" if exit_reason.kind == "error" else f"x{self.label}")


class IgnoresStop(Worker):
    """Ignores a stop, and swallows `lives` kills as well."""

    def __init__(self, trace=None, label="", *, lives=0, **kwargs):
        super().__init__(trace, label, **kwargs)
        self.lives = lives

    def handle(self, message):
        while True:
            try:
                Event().wait()
            except gevent.GreenletExit:
                if self.lives == 0:
                    raise
                self.lives -= 1


class Flaky:
    """A start function whose workers fail at the listed starts."""

    def __init__(self, trace, label, failing=()):
        self.trace = trace
        self.label = label
        self.failing = set(failing)
        self.starts = 0

    def __call__(self):
        self.starts += 1
        error = RuntimeError(f"start {self.starts} fails") if self.starts in self.failing else None
        return Worker(self.trace, self.label, start_error=error)


def spec(trace, label, kind=Worker, **fields):
    """A child called `label` that writes to `trace`."""
    return ChildSpec(label, lambda: kind(trace, label), **fields)


def boot(directory: Directory, children, *, clock=None, name=None, **flags) -> Supervisor:
    """A root supervisor with these children, started."""
    timing = {} if clock is None else {"clock": clock}
    supervisor = Supervisor(SupervisorFlags(**flags), children, directory=directory, **timing)
    directory.boot(supervisor, name)
    return supervisor

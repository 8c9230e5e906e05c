"""A supervisor program of the OTP corpus, built from our own parts: scripted workers that write a journal."""

from typing import Any

from actors.supervision import (
    Actor,
    AutoShutdown,
    ChildSpec,
    ChildType,
    Clock,
    Directory,
    Exit,
    Restart,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
)

PERIOD_SECONDS = 3600.0
ROOT = ":root:"


class Journal:
    """What happened, in order, and how many starts were tried at each path."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._incarnations: dict[str, int] = {}

    def next_incarnation(self, path: str) -> int:
        self._incarnations[path] = self._incarnations.get(path, 0) + 1
        return self._incarnations[path]

    def write(self, event: str, path: str, incarnation: int, why: str | None = None) -> None:
        self._events.append({"event": event, "path": path.split("/"), "incarnation": incarnation, "why": why})

    def take(self) -> list[dict[str, Any]]:
        events, self._events = self._events, []
        return events


class ScriptedWorker(Actor):
    """A worker that fails the starts it is told to fail, and ends when and how it is told to."""

    def __init__(self, journal: Journal, fail_starts: frozenset[int]) -> None:
        super().__init__()
        self.incarnation = 0
        self._journal = journal
        self._fail_starts = fail_starts
        self._up = False

    def on_start(self) -> None:
        self.incarnation = self._journal.next_incarnation(self.name)
        if self.incarnation in self._fail_starts:
            self._journal.write("start_failed", self.name, self.incarnation)
            raise RuntimeError("told to fail")
        self._journal.write("started", self.name, self.incarnation)
        self._up = True

    def handle(self, message: str) -> None:
        match message:
            case "error":
                raise RuntimeError("told to crash")
            case "normal":
                self.exit(Exit.normal())
            case "shutdown":
                self.exit(Exit.shutdown())

    def on_stop(self) -> None:
        assert self.exit_reason is not None
        self._journal.write("ended", self.name, self.incarnation, self.exit_reason.kind.value)

    def on_crash(self, exit_reason: Exit) -> None:
        if self._up:
            self._journal.write("ended", self.name, self.incarnation, exit_reason.kind.value)


def build_flags(flags: dict[str, Any]) -> SupervisorFlags:
    return SupervisorFlags(
        strategy=Strategy(flags["strategy"]),
        intensity=flags["intensity"],
        period=PERIOD_SECONDS,
        auto_shutdown=AutoShutdown(flags["auto_shutdown"]),
    )


def build_spec(child: dict[str, Any], directory: Directory, journal: Journal, clock: Clock) -> ChildSpec:
    """A child of a program as our child specification."""
    if child["kind"] == "supervisor":
        return ChildSpec(
            id=child["id"],
            start=lambda: build_supervisor(child, directory, journal, clock),
            restart=Restart(child["restart"]),
            shutdown=Shutdown.INFINITY,
            type=ChildType.SUPERVISOR,
            significant=child["significant"],
        )
    return ChildSpec(
        id=child["id"],
        start=lambda: ScriptedWorker(journal, frozenset(child["fail_starts"])),
        restart=Restart(child["restart"]),
        significant=child["significant"],
    )


def build_supervisor(node: dict[str, Any], directory: Directory, journal: Journal, clock: Clock) -> Supervisor:
    """A supervisor of a program, the program itself included: both have `flags` and `children`."""
    return Supervisor(
        directory=directory,
        flags=build_flags(node["flags"]),
        children=[build_spec(child, directory, journal, clock) for child in node["children"]],
        clock=clock,
    )

"""How a container actor fails: its container crashed, or could not be started."""

import re

from actors.agent.container.exit_class import ExitClass, classify, sentence
from actors.agent.container.logs import of_last_life
from actors.agent.runtime import Runtime, Status
from actors.agent.workspace.paths import AgentPaths
from actors.secrets.redaction import Redactor
from actors.secrets.store import SecretStore
from actors.supervision import ActorCrashed, AskTimeout, ChildRefused, ExitKind, NotRunning, StartFailed
from harness.wire.errors import ErrorCode, HiveError

CRASH_LINES = 20
_STORY = re.compile(r"\d{4}-\d\d-\d\d [\d:,]+ INFO harness: ")
_OF_THE_TURN = frozenset({ExitClass.CRASH, ExitClass.OUT_OF_MEMORY})
_TRANSIENT = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT})


class ContainerCrashed(Exception):  # noqa: N818 — it names what happened
    """A container ended without having been asked to. `exit_status` as a shell tells it; None where it is not known.

    `kind` is the class of this end, `note` the sentence for it.
    """

    outside = True

    def __init__(self, name: str, exit_status: int | None, log_tail: list[str], *, out_of_memory: bool = False) -> None:
        how = "with an unknown status" if exit_status is None else f"with status {exit_status}"
        words = _last_words(log_tail)
        last = f": {words}" if words else ""
        super().__init__(f"the container of {name} ended {how}{last}")
        self.exit_status = exit_status
        self.log_tail = log_tail
        self.out_of_memory = out_of_memory
        self.kind = classify(exit_status, out_of_memory=out_of_memory)
        self.note = sentence(self.kind, exit_status)


def _last_words(lines: list[str]) -> str | None:
    """The last line that can be a reason: what the harness logs of turns and of its end is none."""
    said = [line.strip() for line in lines if line.strip() and not _STORY.match(line)]
    return said[-1][:300] if said else None


def crash_of(runtime: Runtime, paths: AgentPaths, status: Status) -> ContainerCrashed:
    """The crash of the container that ended so, with the last lines that it wrote, without the values of secrets."""
    redactor = Redactor(SecretStore(paths.state_dir).values)
    # Two more than are shown: the lines of the shim about the start and the end are none of the container's.
    life = of_last_life(runtime.logs(paths, CRASH_LINES + 2))[-CRASH_LINES:]
    tail = [redactor.text(line) for line in life]
    return ContainerCrashed(paths.name, status.exit_status, tail, out_of_memory=status.out_of_memory)


def blame(crash: ContainerCrashed) -> str | None:
    """Why the turn under way counts as failed; None where the end has a cause outside it, such as a kill or a limit."""
    return crash.note if crash.kind in _OF_THE_TURN else None


class ContainerNotStarted(Exception):  # noqa: N818 — as above
    """A container that is wanted could not be started. Reads like its cause."""

    not_started = True
    outside = True

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.transient = is_transient(cause)
        """It is the host's trouble, not the agent's: trying again later may be enough."""


def is_transient(error: BaseException) -> bool:
    """Whether a start that failed with this may succeed later with nothing of the agent changed."""
    if isinstance(error, ContainerNotStarted):
        return error.transient
    if isinstance(error, HiveError):
        return error.code in _TRANSIENT
    if isinstance(error, StartFailed):
        # Without a failure of its own it was killed, or stopped, before it was up.
        return error.exit.kind is not ExitKind.ERROR
    return isinstance(error, NotRunning | AskTimeout | ActorCrashed | ChildRefused | OSError)

"""What holds an agent: one table for `hive doctor`, which tries each promise, and for docs/security.md."""

from dataclasses import dataclass

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Promise:
    """`key` names it in reports; the other fields say for each kind of container whether it is promised.

    Everything but `no` is a promise; other words than `yes` are what it depends on.
    """

    key: str
    sentence: str
    process: str
    bwrap_user: str
    bwrap_root: str
    nspawn: str

    def of(self, kind: str) -> str:
        """The word for one of `KINDS`."""
        return str(getattr(self, kind))


KINDS = {
    "process": "`process`",
    "bwrap_user": "`bwrap`, ordinary daemon",
    "bwrap_root": "`bwrap`, root daemon",
    "nspawn": "`nspawn`",
}
_GROUPS = "where control groups are delegated"

PROMISES = (
    Promise("files", "reads no file of another agent, of the hive or of your home", NO, YES, YES, YES),
    Promise("operator socket", "does not reach `host.sock`, so approves nothing of its own", NO, YES, YES, YES),
    Promise("processes", "sees and signals its own processes only", NO, YES, YES, YES),
    Promise("own uid", "is a uid that nobody else on this machine has", NO, NO, YES, YES),
    Promise("kernel root", "is never root for the kernel", NO, YES, YES, YES),
    Promise("capabilities", "has no capability, not even in a namespace of its own", NO, YES, YES, NO),
    Promise("user namespaces", "makes no user namespace", NO, "bubblewrap 0.8", "bubblewrap 0.8", NO),
    Promise("system calls", "is refused dangerous system calls by a filter", NO, YES, YES, YES),
    Promise("setuid files", "leaves no setuid file of a user of this machine in its folders", NO, YES, YES, YES),
    Promise("loopback", "does not reach this machine's loopback, when its network is its own", NO, YES, YES, YES),
    Promise("memory", "keeps all its processes together below its memory limit", _GROUPS, _GROUPS, YES, YES),
    Promise("cpu", "keeps all its processes together below its cpu limit", _GROUPS, _GROUPS, YES, YES),
    Promise("pids", "keeps all its processes together below its pids limit", _GROUPS, "Linux 5.14", YES, YES),
    Promise("tmp", "has a `/tmp` and a `/dev/shm` that end at 2 GiB each", NO, YES, YES, YES),
)


def table() -> str:
    """The promises as the table of docs/security.md."""
    rows = [("the agent …", *KINDS.values()), ("---",) * (len(KINDS) + 1)]
    rows += [(one.sentence, *(one.of(kind) for kind in KINDS)) for one in PROMISES]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"

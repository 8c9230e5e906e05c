"""How git is run: on the host's own repositories only, with nothing of the surroundings and nothing of an agent's.

Promises that no hook, no configuration but the one below, no filter, pager, editor, credential or network
takes part, and that no git ever starts inside a folder an agent can write to. Objects an agent made are
still input: what reads them for the first time is `Git.bounded`.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from actors import shell
from harness.wire.errors import HiveError, unavailable

SECONDS = 30.0
"""A git command on a configuration repository takes milliseconds; one that takes this long is stopped."""

IDENTITY = ("hive", "hive@localhost")
"""Name and address in commits and tags of the host's own."""

FIRST_MESSAGE = "The configuration to start from\n"

CONFIGURATION: Mapping[str, str] = {
    "advice.detachedHead": "false",
    "commit.gpgSign": "false",
    "core.attributesFile": "/dev/null",
    "core.autocrlf": "false",
    "core.bigFileThreshold": "1m",
    "core.excludesFile": "/dev/null",
    "core.fsmonitor": "false",
    "core.fsync": "committed,reference",
    "core.hooksPath": "/dev/null",
    "core.quotePath": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.symlinks": "false",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "init.defaultBranch": "main",
    "init.templateDir": "",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "pack.windowMemory": "64m",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    "submodule.recurse": "false",
    "tag.gpgSign": "false",
    "transfer.fsckObjects": "true",
}
"""Given on the command line, so that it beats what a repository says of itself."""

ATTRIBUTES = "* !diff -text -eol -ident -filter -working-tree-encoding -merge -export-subst -export-ignore\n"
"""For `info/attributes`, which beats every `.gitattributes`: no file is hidden from a diff, none is rewritten."""

_ENVIRONMENT: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_ASKPASS": "false",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_EDITOR": "false",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_SSH_COMMAND": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "XDG_CONFIG_HOME": "/nonexistent",
}

# The shell's own limits reach every process git starts. -f counts blocks of 512 bytes, -v KiB, -t seconds of CPU.
# Python ignores SIGXFSZ and its children inherit that: a git that does not check its output would go on for ever.
_BOUNDED = """
ulimit -f "$1" && ulimit -v "$2" && ulimit -t "$3" && ulimit -c 0 && out=$4 && shift 4 &&
exec env --default-signal=XFSZ "$@" >"$out"
"""


MAX_MEMORY_BYTES = 1024**3
MAX_CPU_SECONDS = 20
MAX_PACK_BYTES = 128 * 1024 * 1024
MAX_LISTING_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Git:
    """One repository of the host's, named by its git directory; nothing is ever discovered."""

    git_dir: Path
    seconds: float = SECONDS

    def run(self, *args: str, stdin: str | None = None, at_ms: int | None = None) -> str:
        """What git printed. `at_ms` dates a commit or tag. Raises `unavailable` with git's own last words."""
        return self._call(self._argv(args), (0,), args, stdin, at_ms).stdout

    def ask(self, *args: str) -> str | None:
        """The same for a question: None when git answers no (exit status 1)."""
        result = self._call(self._argv(args), (0, 1), args, None, None)
        return result.stdout if result.exit_code == 0 else None

    def bounded(self, *args: str, out: Path, stdin: str | None = None, file_bytes: int = MAX_LISTING_BYTES) -> bytes:
        """What git printed, byte for byte, by way of the file `out`: for reading what an agent made.

        Past the limits of memory, CPU time and the size of any file it writes, `out` included, it is ended: then and
        for every other failure `unavailable`.
        """
        limits = (file_bytes // 512, MAX_MEMORY_BYTES // 1024, MAX_CPU_SECONDS)
        shelled = ("sh", "-c", _BOUNDED, "git", *(str(one) for one in limits), str(out), *self._argv(args))
        self._call(shelled, (0,), args, stdin, None)
        return out.read_bytes()

    def merge_file(self, ours: Path, base: Path, theirs: Path) -> str | None:
        """`ours` with what changed from `base` to `theirs`; None when both changed the same lines."""
        args = ("merge-file", "--stdout", "--quiet", *(str(path) for path in (ours, base, theirs)))
        # The exit status is the number of conflicts, at most 127.
        result = self._call(self._argv(args), tuple(range(128)), args, None, None)
        return result.stdout if result.exit_code == 0 else None

    @property
    def exists(self) -> bool:
        """Whether it was made."""
        return (self.git_dir / "HEAD").is_file()

    def init(self) -> None:
        """Make it, bare and empty; one that is there is kept.

        The attributes come last, as a whole or not at all: without them a file could hide from a diff, and where they
        are not yet, an earlier call was cut short by a full disk or a kill, and is made up for.
        """
        attributes = self.git_dir / "info" / "attributes"
        if self.exists and attributes.is_file() and attributes.read_text() == ATTRIBUTES:
            return
        self.git_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.run("init", "--quiet", "--bare")
        part = attributes.with_name("attributes.part")
        try:
            attributes.parent.mkdir(exist_ok=True)
            part.write_text(ATTRIBUTES)
        except OSError as error:
            raise unavailable(f"git init: {error.strerror}", "look at `hive doctor`") from None
        part.replace(attributes)

    def tip(self, ref: str) -> str | None:
        """The commit a ref points to, through an annotated tag; None when there is no such ref."""
        found = self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return None if found is None else found.strip()

    def commit_files(self, files: Mapping[str, str], *, at_ms: int) -> str:
        """A commit without parents that holds `files`, on no branch; the same files and date give the same commit."""
        lines = []
        for path, text in sorted(files.items()):
            blob = self.run("hash-object", "-w", "--stdin", stdin=text).strip()
            lines.append(f"100644 blob {blob}\t{path}\n")
        tree = self.run("mktree", stdin="".join(lines)).strip()
        return self.run("commit-tree", tree, "-F", "-", stdin=FIRST_MESSAGE, at_ms=at_ms).strip()

    def unlock(self) -> None:
        """Remove locks that a killed git left. Only while no other git works here: at the start of the host."""
        for lock in self.git_dir.rglob("*.lock"):
            lock.unlink(missing_ok=True)

    def _argv(self, args: Iterable[str]) -> tuple[str, ...]:
        settings = (part for key, value in CONFIGURATION.items() for part in ("-c", f"{key}={value}"))
        return (
            "git",
            "--no-pager",
            "-c",
            f"safe.directory={self.git_dir}",
            *settings,
            f"--git-dir={self.git_dir}",
            *args,
        )

    def _call(
        self,
        argv: tuple[str, ...],
        ok_codes: tuple[int, ...],
        args: tuple[str, ...],
        stdin: str | None,
        at_ms: int | None,
    ) -> shell.Result:
        try:
            result = shell.run(
                *argv, cwd=Path("/"), env=environment(at_ms), input=stdin, timeout=self.seconds, ok_codes=None
            )
        except HiveError as error:
            raise unavailable(f"git {args[0]} could not be run: {error.message}", "look at `hive doctor`") from None
        if result.exit_code < 0:
            raise unavailable(f"git {args[0]} was ended: it took more memory, time or output than it may")
        if result.exit_code not in ok_codes:
            words = (result.stderr.strip().splitlines() or [f"it ended with status {result.exit_code}"])[-1]
            raise unavailable(f"git {args[0]} failed: {words[:300]}")
        return result


def environment(at_ms: int | None = None) -> dict[str, str]:
    """The whole environment of a git of ours; `at_ms` is the date of what it makes."""
    name, address = IDENTITY
    dated = {} if at_ms is None else {f"GIT_{who}_DATE": f"@{at_ms // 1000} +0000" for who in ("AUTHOR", "COMMITTER")}
    return {
        **_ENVIRONMENT,
        **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": address for who in ("AUTHOR", "COMMITTER")},
        **dated,
        "PATH": os.environ.get("PATH", os.defpath),
    }

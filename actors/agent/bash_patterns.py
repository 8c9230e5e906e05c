"""What an allowed pattern of Bash can promise, and which patterns promise nothing. Pure.

Claude Code compares a pattern with each simple command as text: a `*` stands for any text, and `:*` at the end for any
arguments. So a pattern names a program and its first words, and never what the program does with the rest. Refused are
patterns with a `*` where arguments alone make the program run any other one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from harness.wire.errors import bad_request
from harness.wire.tool_rules import BASH_RULE, wrong_bash_rule

SHELLS = frozenset(
    [
        "ash",
        "awk",
        "bash",
        "csh",
        "dash",
        "fish",
        "gawk",
        "ipython",
        "julia",
        "ksh",
        "lua",
        "mawk",
        "nawk",
        "node",
        "perl",
        "php",
        "pwsh",
        "python",
        "python2",
        "python3",
        "Rscript",
        "ruby",
        "scheme",
        "sh",
        "tclsh",
        "zsh",
    ]
)
"""Interpreters: without a script among the fixed words, the arguments are the program."""

RUNNERS = frozenset(
    [
        ".",
        "at",
        "batch",
        "busybox",
        "bwrap",
        "chroot",
        "chrt",
        "command",
        "coproc",
        "docker",
        "doas",
        "ed",
        "emacs",
        "entr",
        "env",
        "eval",
        "ex",
        "exec",
        "find",
        "flock",
        "fakeroot",
        "firejail",
        "gdb",
        "ionice",
        "irb",
        "less",
        "ltrace",
        "m4",
        "make",
        "gmake",
        "man",
        "more",
        "msgfilter",
        "nice",
        "nohup",
        "nsenter",
        "parallel",
        "pkexec",
        "podman",
        "proot",
        "pv",
        "rsync",
        "run-parts",
        "scp",
        "screen",
        "script",
        "sed",
        "setarch",
        "setpriv",
        "setsid",
        "sftp",
        "socat",
        "source",
        "split",
        "sqlite3",
        "ssh",
        "start-stop-daemon",
        "stdbuf",
        "strace",
        "su",
        "sudo",
        "systemd-run",
        "tar",
        "taskset",
        "time",
        "timeout",
        "tmux",
        "unshare",
        "valgrind",
        "vi",
        "view",
        "vim",
        "watch",
        "wget",
        "xargs",
        "xvfb-run",
        "zip",
    ]
)
"""Programs that run another one when their arguments say so (`find -exec`, `tar --to-command`, `make --eval`, …)."""

PACKAGERS = frozenset(
    [
        "bun",
        "bundle",
        "cargo",
        "composer",
        "conda",
        "deno",
        "dotnet",
        "gem",
        "go",
        "gradle",
        "mvn",
        "nix",
        "npm",
        "npx",
        "pdm",
        "pip",
        "pip3",
        "pipx",
        "pnpm",
        "poetry",
        "rake",
        "uv",
        "uvx",
        "yarn",
    ]
)
"""Programs that run what a package or a project file brings."""

GIT_ESCAPES: Mapping[str, str] = {
    "bisect": "run", "clone": "--upload-pack, -c", "config": "an alias, a hook path", "difftool": "--extcmd",
    "fetch": "--upload-pack", "filter-branch": "its filters", "grep": "--open-files-in-pager", "help": "a viewer",
    "ls-remote": "--upload-pack", "mergetool": "its tool", "pull": "--upload-pack", "push": "--receive-pack",
    "rebase": "--exec", "archive": "--exec", "send-email": "--sendmail-cmd", "submodule": "foreach",
    "init": "--template", "instaweb": "its server", "p4": "a client", "svn": "ssh",
    "send-pack": "--receive-pack", "fetch-pack": "--upload-pack", "var": "an editor", "daemon": "its services",
}  # fmt: skip
"""Subcommands of git that run a program which their arguments name."""

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_CODE = re.compile(r"-[A-Za-z]*[ceE]|--(?:eval|exec|command|print)")
_VERSION = re.compile(r"[0-9.]+$")
_OUT = "name the whole command without *, or leave allowedBashPatterns out, which allows every command"


def check(patterns: Iterable[str]) -> None:
    """Raise `bad_request` for the first pattern that means nothing, or that allows any program."""
    for pattern in patterns:
        instead = wrong_bash_rule(pattern)
        if instead is not None:
            raise bad_request(f"allowedBashPatterns: {pattern[:80]!r} means nothing", instead)
        why = escape(pattern)
        if why is not None:
            raise bad_request(f"allowedBashPatterns: {pattern[:80]!r} allows any program: {why}", _hint(pattern))


def escape(pattern: str) -> str | None:
    """How arguments that match the pattern run any other program; None when no such way is known."""
    words = _words(pattern)
    wild = next((number for number, word in enumerate(words) if "*" in word), None)
    if wild is None:
        return None
    if not words or wild == 0:
        return "the * stands for the program"
    program, fixed = _program(words[0]), words[1:wild]
    if program == "git":
        return _git(fixed)
    if program in SHELLS:
        return _interpreter(program, fixed)
    if program in RUNNERS or program in PACKAGERS:
        return f"{program} runs what its arguments say"
    return None


def promise(pattern: str) -> str | None:
    """What the operator should know of a valid pattern; None for one that names a whole command."""
    if BASH_RULE.fullmatch(pattern) is None:
        return "means nothing"
    why = escape(pattern)
    if why is not None:
        return f"allows any program: {why}"
    program = _program(_words(pattern)[0])
    if program in SHELLS | RUNNERS | PACKAGERS or program == "git":
        return f"{program} runs files that the agent can write: this names a command and is no sandbox"
    return None


def _words(pattern: str) -> list[str]:
    """The words of a pattern, assignments before the program left out; `git:*` is read as `git *`."""
    text = pattern.removeprefix("Bash(").removesuffix(")").strip()
    if text.endswith(":*"):
        text = f"{text[:-2]} *"
    words = text.split()
    while words and _ASSIGNMENT.match(words[0]) and "*" not in words[0]:
        words = words[1:]
    return words


def _program(word: str) -> str:
    """The program of the first word: without its folder, quotes and version."""
    name = word.strip("\"'\\").rpartition("/")[2]
    return name if name in SHELLS | RUNNERS | PACKAGERS else _VERSION.sub("", name)


def _git(fixed: Sequence[str]) -> str | None:
    """Fixed words end before the first *: without a subcommand among them, `git -c alias.x='!…' x` matches."""
    while fixed and _is_option(fixed[0]):
        takes_value = fixed[0] in {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"}
        fixed = fixed[2:] if takes_value else fixed[1:]
    if not fixed:
        return "`git -c alias.x='!…' x` runs anything"
    how = GIT_ESCAPES.get(fixed[0])
    return None if how is None else f"`git {fixed[0]}` runs a program that an argument names ({how})"


def _interpreter(program: str, fixed: Sequence[str]) -> str | None:
    """A script or a module among the fixed words is what runs; without one, the arguments are the program."""
    if any(_CODE.fullmatch(word) for word in fixed):
        return f"the * is a program for {program}"
    named = any(not _is_option(word) for word in fixed)
    return None if named else f"{program} runs the program in its arguments"


def _is_option(word: str) -> bool:
    return word.startswith("-")


def _hint(pattern: str) -> str:
    words = _words(pattern)
    if words and _program(words[0]) == "git":
        return f'name a subcommand: "Bash(git status *)"; or {_OUT}'
    return _OUT

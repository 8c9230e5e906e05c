"""A commit of the host's on top of another one: what the operator edits or takes back, without a working tree."""

from collections.abc import Mapping
from secrets import token_hex

from actors.agent.repos.compare import read
from actors.agent.repos.git import IDENTITY, Git

_NEW_FILE = "100644"

Content = tuple[str, str]
"""Mode and object of one file."""


def write(git: Git, text: str) -> str:
    """The object that holds `text`."""
    return git.run("hash-object", "-w", "--stdin", stdin=text).strip()


def contents(git: Git, base: str, texts: Mapping[str, str | None]) -> dict[str, Content | None]:
    """The files of these texts; None removes one. A file that is there keeps its mode."""
    modes = {path: mode for path, (mode, _) in files(git, base).items()}
    return {
        path: None if text is None else (modes.get(path, _NEW_FILE), write(git, text)) for path, text in texts.items()
    }


def text(git: Git, content: Content) -> str:
    """The exact text of a file. Raises UnicodeDecodeError for one that is no text."""
    return read(git, [content[1]])[content[1]].decode()


def files(git: Git, sha: str | None) -> dict[str, Content]:
    """Every file of a commit by its path; none without a commit."""
    if sha is None:
        return {}
    found = {}
    for record in git.run("ls-tree", "-r", "-z", "--full-tree", sha).split("\0"):
        if record:
            about, _, path = record.partition("\t")
            mode, _, oid = about.split()
            found[path] = (mode, oid)
    return found


def commit(git: Git, base: str, changes: Mapping[str, Content | None], message: str, *, author: str, at_ms: int) -> str:
    """The commit with these files changed; on no branch when it is done, so nothing keeps it until it is tagged.

    The caller checks the paths.
    """
    # fast-import writes a branch: each has one of its own, since two may run at once.
    ref, seconds = f"refs/edits/{token_hex(8)}", at_ms // 1000
    committer, address = IDENTITY
    said = message.encode()
    lines = [
        f"commit {ref}",
        "mark :1",
        f"author {author} <{author}@localhost> {seconds} +0000",
        f"committer {committer} <{address}> {seconds} +0000",
        f"data {len(said)}",
        message,
        f"from {base}",
        *(
            f"D {_quoted(path)}" if content is None else f"M {content[0]} {content[1]} {_quoted(path)}"
            for path, content in sorted(changes.items())
        ),
        "",
        "get-mark :1",
        "done",
        "",
    ]
    try:
        return git.run("fast-import", "--quiet", "--done", "--force", stdin="\n".join(lines)).strip()
    finally:
        git.run("update-ref", "-d", ref)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

"""Repositories that try to have something run on the host: the commit is taken, nothing else happens."""

from pathlib import Path

import pytest

from actors.agent.repos import Mark, history
from tests.actors.agent.repos_kit import NOW, RepositoryKit

pytestmark = pytest.mark.slow  # git runs many times in each of them


@pytest.fixture
def kit(tmp_path):
    return RepositoryKit(tmp_path)


def hooks(author):
    evil = author.evil()
    folder = author.folder / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    for hook in (
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "fsmonitor-watchman",
        "post-update",
        "update",
        "pre-receive",
        "post-rewrite",
    ):
        (folder / hook).write_bytes(evil.read_bytes())
        (folder / hook).chmod(0o755)


def settings(author):
    evil = author.evil()
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.editor", "core.pager", "core.askPass", "credential.helper",
        "gpg.program", "diff.external", "uploadpack.packObjectsHook", "sequence.editor", "core.alternateRefsCommand", "remote.applied.uploadpack",
    ):  # fmt: skip
        author.git("config", key, str(evil))
    for alias in ("fetch", "rev-parse", "rev-list", "cat-file", "ls-tree", "diff"):
        author.git("config", f"alias.{alias}", f"!{evil}")
    author.git("config", "commit.gpgSign", "false")
    author.git("config", "core.hooksPath", str(evil.parent))


def included_settings(author):
    evil = author.evil()
    (author.folder.parent / "more").write_text(
        f"[core]\n\tfsmonitor = {evil}\n\tsshCommand = {evil}\n[uploadpack]\n\tpackObjectsHook = {evil}\n"
    )
    config = author.folder / ".git" / "config"
    config.write_text(
        config.read_text() + '[include]\n\tpath = ../../more\n[includeIf "gitdir:/"]\n\tpath = ../../more\n'
    )


def worktree_settings(author):
    evil = author.evil()
    author.git("config", "core.repositoryFormatVersion", "1")
    author.git("config", "extensions.worktreeConfig", "true")
    (author.folder / ".git" / "config.worktree").write_text(
        f"[core]\n\tfsmonitor = {evil}\n\thooksPath = {evil.parent}\n"
    )


def filters(author):
    evil = author.evil()
    author.commit({".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    for key in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "merge.evil.driver",
    ):
        author.git("config", key, str(evil))
    (author.folder / ".git" / "info").mkdir(exist_ok=True)
    (author.folder / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")


def redirection(author):
    evil = author.evil()
    author.git("config", f"url.ext::{evil}.insteadOf", "file://")
    author.git("config", "protocol.ext.allow", "always")


def promisor(author):
    evil = author.evil()
    author.git("config", "core.repositoryFormatVersion", "1")
    author.git("config", "extensions.partialClone", "evil")
    author.git("config", "remote.evil.promisor", "true")
    author.git("config", "remote.evil.url", f"ext::{evil}")


def broken_config(author):
    (author.folder / ".git" / "config").write_text("[core\n\0\xff")


def grafts(author):
    (author.folder / ".git" / "info").mkdir(exist_ok=True)
    (author.folder / ".git" / "info" / "grafts").write_text(f"{author.head()} {'1' * 40}\n")


def thousands_of_refs(author):
    head = author.head()
    lines = "".join(f"{head} refs/heads/branch-{number}\n" for number in range(5000))
    (author.folder / ".git" / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted\n{lines}")


def refs_that_look_like_commits(author):
    other = author.git("commit-tree", author.git("mktree", stdin=b""), "-m", "empty")
    for name in (author.head(), author.head()[:7], author.head()[:12]):
        ref = author.folder / ".git" / "refs" / "heads" / name
        ref.write_text(f"{other}\n")


def index_of_lies(author):
    (author.folder / ".git" / "index").write_bytes(b"DIRC" + b"\xff" * 4096)


CASES = [
    hooks, settings, included_settings, worktree_settings, filters, redirection, promisor, broken_config, grafts, thousands_of_refs,
    refs_that_look_like_commits, index_of_lies,
]  # fmt: skip


@pytest.mark.parametrize("prepare", CASES, ids=lambda case: case.__name__)
def test_the_commit_is_taken_and_nothing_runs(kit, prepare):
    author = kit.draft()
    sha = author.commit({"agent.toml": 'model = "opus"\n', "notes/a.md": "hello\n"})
    prepare(author)
    if prepare is filters:
        sha = (author.folder / ".git" / "refs" / "heads" / "main").read_text().strip()
    applied = kit.applied()
    kit.canary.unlink(missing_ok=True)  # the agent's own git may have run it; what counts is what ours does

    taken = applied.take(sha)
    applied.mark(Mark.PROPOSAL, 1, taken.sha, at_ms=NOW)
    applied.swap(taken.sha)
    shown = history.diff(applied, None, taken.sha)

    assert taken.sha == sha
    assert applied.text(sha, "agent.toml") == (applied.folder / "agent.toml").read_text() == 'model = "opus"\n'
    assert '+model = "opus"' in shown.text
    assert kit.untouched


def test_a_replaced_commit_is_taken_as_it_is_and_not_as_it_is_shown(kit):
    author = kit.draft()
    harmless = author.commit({"agent.toml": 'model = "haiku"\n# harmless\n'})
    wanted = author.commit({"agent.toml": 'model = "opus"\n'})
    author.git("replace", wanted, harmless)

    taken = kit.applied().take(wanted)

    assert taken.sha == wanted
    assert kit.applied().text(taken.sha, "agent.toml") == 'model = "opus"\n'


def test_no_attribute_hides_a_file_from_the_diff_or_changes_its_bytes(kit):
    author = kit.draft()
    body = b"$Id$ $Format:%H$\r\nline\r\n"
    author.git("config", "core.autocrlf", "false")
    author.write(
        ".gitattributes",
        "secret.txt -diff -text ident eol=crlf export-subst export-ignore\n*.toml binary export-ignore\n",
    )
    for path, content in {"secret.txt": body, "agent.toml": b'model = "opus"\n'}.items():
        author.write(path, content)
    author.git("add", ".gitattributes")
    author.git("-c", "core.attributesFile=/dev/null", "commit", "-q", "-m", "attributes")
    oid = author.git("hash-object", "-w", "--no-filters", "secret.txt")
    author.git("update-index", "--add", "--cacheinfo", f"100644,{oid},secret.txt")
    author.git("add", "agent.toml")
    author.git("commit", "-q", "-m", "files")
    sha = author.head()
    applied = kit.applied()

    applied.swap(applied.take(sha).sha)

    assert (applied.folder / "current" / "secret.txt").read_bytes() == body
    shown = history.diff(applied, None, sha).text
    assert "Binary files" not in shown
    assert "+$Id$ $Format:%H$" in shown
    assert '+model = "opus"' in shown


def test_a_file_with_zero_bytes_is_shown_and_nothing_in_a_diff_acts_on_the_terminal(kit):
    author = kit.draft()
    sha = author.commit({"a.txt": b"before\0after \x1b[2J\x1b]0;gone\x07 \xe2\x80\xaetxet\n"})

    shown = history.diff(kit.applied(), None, kit.applied().take(sha).sha).text

    assert "+before\\u{0}after \\u{1b}[2J\\u{1b}]0;gone\\u{7} \\u{202e}txet" in shown
    assert not set(shown) & {"\0", "\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize(
    "word",
    [
        "main",
        "HEAD",
        "HEAD~1",
        "--all",
        "--upload-pack=evil",
        "abcdef",
        "a" * 41,
        "ABCDEF0",
        "deadbee\n",
        ":/change",
        "",
    ],
)
def test_only_hex_digits_name_a_commit(kit, word):
    from harness.wire.errors import HiveError

    kit.draft()
    with pytest.raises(HiveError) as refused:
        kit.applied().take(word)
    assert refused.value.code == "bad_request"


def test_a_tree_and_a_blob_are_no_commits_and_a_tag_is_not_followed_into_another_repository(kit):
    from harness.wire.errors import HiveError

    author, other = kit.draft(), kit.draft("bob")
    foreign = other.commit({"agent.toml": "x = 1\n"})
    for name in (author.git("rev-parse", "HEAD^{tree}"), author.git("rev-parse", "HEAD:agent.toml"), foreign, "0" * 40):
        with pytest.raises(HiveError) as refused:
            kit.applied().take(name)
        assert refused.value.code == "not_found"


def test_no_git_of_the_host_sees_the_surroundings(kit, monkeypatch):
    evil = kit.draft().evil()
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(evil))
    monkeypatch.setenv("GIT_SSH_COMMAND", str(evil))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(evil))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(Path("/nonexistent")))
    applied = kit.applied("bob")
    sha = kit.repositories.establish("bob", {"agent.toml": "x = 1\n"}, at_ms=NOW)
    assert "+x = 1" in history.diff(applied, None, sha).text
    assert kit.untouched

"""The repositories as the host uses them: drafts, what is in force, tags, the history of the kit."""

import subprocess

import pytest

from actors.agent.repos import Mark, history, tree_policy
from actors.agent.repos.git import Git
from actors.agent.repos.visible import cut, visible
from harness.wire.errors import HiveError
from tests.actors.agent.repos_kit import NOW, TOML, Author, RepositoryKit

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


@pytest.fixture
def kit(tmp_path):
    return RepositoryKit(tmp_path)


def deploy(kit, author, number, files):
    applied = kit.applied(author.name)
    sha = applied.take(author.commit(files)).sha
    for mark in (Mark.PROPOSAL, Mark.APPROVED, Mark.BUILDING, Mark.DEPLOYED):
        applied.mark(mark, number, sha, at_ms=NOW)
    applied.swap(sha)
    kit.repositories.meta.record(author.name, sha, f"deployed/{number}", applied.git, at_ms=NOW)
    return sha


def test_a_draft_is_a_clean_repository_with_one_commit_and_a_remote_that_can_only_be_read(kit):
    assert kit.repositories.draft("alice", {"agent.toml": TOML}, at_ms=NOW)
    author = Author(kit, "alice")
    assert author.git("status", "--porcelain") == ""
    assert author.git("log", "--format=%an") == "hive"
    assert (author.folder / "agent.toml").read_text() == TOML
    deploy(kit, author, 1, {"agent.toml": "x = 1\n"})
    author.git("fetch", "--quiet", "applied")
    assert author.git("rev-parse", "applied/main") == author.head()
    assert "does not appear" in author.git("push", "applied", "main", check=False) or author.git(
        "remote", "get-url", "--push", "applied"
    ).startswith("/nonexistent")


def test_a_draft_that_is_there_is_kept_as_it_is(kit):
    author = kit.draft()
    sha = author.commit({"mine": "work"})
    assert kit.repositories.draft("alice", {"agent.toml": "other = 1\n"}, at_ms=NOW) is False
    assert author.head() == sha


def test_a_link_in_place_of_the_proposed_folder_is_not_followed(kit, tmp_path):
    paths = kit.repositories.workspace.prepare("alice")
    paths.config.rmdir()
    (tmp_path / "elsewhere").mkdir()
    paths.config.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HiveError):
        kit.draft()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_was_submitted_stays_whatever_the_proposer_does_afterwards(kit):
    author = kit.draft()
    sha = author.commit({"agent.toml": 'model = "opus"\n'})
    applied = kit.applied()
    applied.mark(Mark.PROPOSAL, 1, applied.take(sha[:7]).sha, at_ms=NOW)

    author.write("agent.toml", 'model = "evil"\n')
    author.git("commit", "--quiet", "--all", "--amend", "-m", "amended")
    author.git("reflog", "expire", "--expire=now", "--all")
    author.git("gc", "--quiet", "--prune=now")
    subprocess.run(["rm", "-rf", str(author.folder)], check=True)
    applied.swap(sha)

    assert applied.in_force() == applied.shown() == sha
    assert (applied.folder / "agent.toml").read_text() == 'model = "opus"\n'


def test_a_packed_repository_is_taken_too(kit):
    author = kit.draft()
    for number in range(30):
        sha = author.commit({"agent.toml": f"# {number}\n" * 50})
    author.git("gc", "--quiet")
    assert kit.applied().take(sha).sha == sha
    assert len(history.log(kit.applied(), sha, 100)) == 31


def test_a_swap_goes_forth_and_back_and_branch_files_and_link_agree(kit):
    author = kit.draft()
    first = deploy(kit, author, 1, {"agent.toml": "a = 1\n"})
    second = deploy(kit, author, 2, {"agent.toml": "a = 2\n", "bin/tool": "#!/bin/sh\n"})
    applied = kit.applied()
    assert (applied.in_force(), applied.shown()) == (second, second)
    applied.swap(first)
    assert (applied.in_force(), applied.shown()) == (first, first)
    assert (applied.folder / "agent.toml").read_text() == "a = 1\n"
    applied.prune([first])
    assert [tree.name for tree in (applied.folder / "trees").iterdir()] == [first]
    applied.clear()
    assert (applied.in_force(), applied.shown()) == (None, None)
    assert not (applied.folder / "agent.toml").exists()


def test_an_executable_stays_one_and_nothing_else_of_a_mode_is_kept(kit):
    author = kit.draft()
    author.write("tool", "#!/bin/sh\n")
    (author.folder / "tool").chmod(0o4777)
    deploy(kit, author, 1, {"plain": "x"})
    tree = kit.applied().folder / "current"
    assert (tree / "tool").stat().st_mode & 0o7777 == 0o755
    assert (tree / "plain").stat().st_mode & 0o7777 == 0o644


def test_tags_tell_what_became_of_a_proposal_and_are_never_moved(kit):
    author = kit.draft()
    applied = kit.applied()
    first = applied.take(author.commit({"a": "1"})).sha
    second = applied.take(author.commit({"a": "2"})).sha
    assert applied.mark(Mark.PROPOSAL, 7, first, at_ms=NOW) == "proposal/7"
    assert applied.mark(Mark.PROPOSAL, 7, first, at_ms=NOW) == "proposal/7"
    with pytest.raises(HiveError) as refused:
        applied.mark(Mark.PROPOSAL, 7, second, at_ms=NOW)
    assert refused.value.code == "conflict"
    applied.mark(Mark.DENIED, 7, first, at_ms=NOW, note="# too broad\n-- \nsee \x1b[1mme")
    applied.mark(Mark.FAILED, 12, second, at_ms=NOW, note="")
    assert history.tags(applied) == [
        {"tag": "failed/12", "sha": second, "at": "2023-11-14T22:13:20.000Z", "note": "failed"},
        {
            "tag": "denied/7",
            "sha": first,
            "at": "2023-11-14T22:13:20.000Z",
            "note": "# too broad\n-- \nsee \\u{1b}[1mme",
        },
        {"tag": "proposal/7", "sha": first, "at": None, "note": None},
    ]


def test_the_history_of_the_swarm_has_one_commit_per_deployment(kit):
    alice, bob = kit.draft(), kit.draft("bob")
    meta = kit.repositories.meta
    deploy(kit, alice, 1, {"agent.toml": "a = 1\n"})
    deploy(kit, bob, 2, {"agent.toml": "b = 1\n"})
    sha = deploy(kit, alice, 3, {"agent.toml": "a = 2\n"})
    meta.record("alice", sha, "deployed/3", kit.applied().git, at_ms=NOW)
    subjects = meta.git.run("log", "--format=%s", "main").splitlines()
    assert [subject.rsplit(" ", 1)[0] for subject in subjects] == [
        "deploy alice deployed/3",
        "deploy bob deployed/2",
        "deploy alice deployed/1",
    ]
    assert subjects[0].endswith(sha[:12])
    assert meta.git.run("show", "main:agents/alice/agent.toml") == "a = 2\n"
    assert meta.git.run("show", "main:agents/bob/agent.toml") == "b = 1\n"
    assert meta.deployed()["alice"] == {"sha": sha, "tag": "deployed/3"}
    meta.forget("alice", at_ms=NOW)
    meta.forget("alice", at_ms=NOW)
    assert list(meta.deployed()) == ["bob"]
    assert len(meta.git.run("log", "--format=%s", "main").splitlines()) == 4
    meta.git.run("fsck", "--strict")


def test_an_agent_that_needs_no_approval_is_in_force_with_tag_deployed_0_and_only_once(kit):
    files = {"agent.toml": TOML}
    sha = kit.repositories.establish("hm1nd", files, at_ms=NOW)
    assert kit.repositories.establish("manager", {"agent.toml": "other = 1\n"}, at_ms=NOW + 9) == sha
    applied = kit.applied("hm1nd")
    assert history.resolve(applied, "deployed/0") == applied.in_force() == applied.shown() == sha
    assert kit.repositories.meta.deployed() == {"hm1nd": {"sha": sha, "tag": "deployed/0"}}
    proposed = Git(kit.repositories.workspace.of("hm1nd").config / ".git")
    assert proposed.tip("main") == sha
    assert proposed.run("config", "remote.applied.url").strip() == str(applied.git.git_dir)


def test_an_agent_that_needs_no_approval_has_its_remote_where_the_manager_sees_it(kit):
    kit.repositories.establish("alice", {"agent.toml": TOML}, at_ms=NOW, remote="/applied/alice/repo.git")
    proposed = Git(kit.repositories.workspace.of("alice").config / ".git")
    assert proposed.run("config", "remote.applied.url").strip() == "/applied/alice/repo.git"


def test_drafts_are_what_has_a_proposal_and_is_not_in_force(kit):
    kit.draft("alice")
    author = kit.draft("bob")
    deploy(kit, author, 1, {"agent.toml": TOML})
    assert kit.repositories.drafts() == ["alice"]


def test_what_a_killed_host_left_is_tidied(kit):
    author = kit.draft()
    applied = kit.applied()
    sha = applied.take(author.commit({"a": "1"})).sha
    (applied.git.git_dir / "refs" / "heads" / "main.lock").touch()
    (applied.folder / ".incoming-x").mkdir()
    (applied.folder / "trees" / ".new-x").mkdir(parents=True)
    (kit.repositories.workspace.state_dir / "staging" / ".draft-x").mkdir(parents=True)
    with pytest.raises(HiveError):
        applied.swap(sha)
    kit.repositories.tidy()
    applied.swap(sha)
    assert applied.shown() == sha
    assert not [*applied.folder.glob(".*"), *(applied.folder / "trees").glob(".*")]
    assert not list((kit.repositories.workspace.state_dir / "staging").iterdir())


def test_a_diff_is_gits_own_and_empty_between_equals(kit):
    author = kit.draft()
    first = deploy(kit, author, 1, {"agent.toml": "a = 1\n", "old": "same\n" * 9})
    (author.folder / "old").unlink()
    second = deploy(kit, author, 2, {"agent.toml": "a = 2\n", "new": "same\n" * 9})
    shown = history.diff(kit.applied(), first, second)
    assert (shown.base, shown.sha) == (first, second)
    assert "-a = 1\n+a = 2\n" in shown.text
    assert "rename from old\nrename to new" in shown.text
    assert history.diff(kit.applied(), second, second).text == ""


def test_a_log_survives_whatever_a_commit_claims(kit):
    author = kit.draft()
    text = f"tree {author.git('rev-parse', 'HEAD^{tree}')}\nauthor a\x1f\x1eb\x1b <x\x1fy> 99999999999999 +0000\ncommitter c <c@d> 9999999999999 +0000\n\none\x1f\x1etwo\x1b[2J\n"
    sha = author.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=text.encode())
    (row,) = history.log(kit.applied(), kit.applied().take(sha).sha, 5)
    assert row["sha"] == sha
    assert row["subject"] == "one\\u{1f}\\u{1e}two\\u{1b}[2J"
    assert row["at"] is None


@pytest.mark.parametrize(
    "ref", ["HEAD", "main~1", "refs/heads/main", "proposal/x", "-n", "main..main", "", "deployed/1^{tree}"]
)
def test_the_operator_names_commits_tags_and_main_and_nothing_else(kit, ref):
    deploy(kit, kit.draft(), 1, {"agent.toml": TOML})
    with pytest.raises(HiveError) as refused:
        history.resolve(kit.applied(), ref)
    assert refused.value.code == "bad_request"


def test_a_file_is_read_at_a_commit_and_only_by_a_name_the_tree_has(kit):
    deploy(kit, kit.draft(), 1, {"agent.toml": "a = 1\n", "docs/read.md": "hello"})
    assert history.file(kit.applied(), "deployed/1", "docs/read.md") == "hello"
    for path in ("../agent.toml", "docs", "/etc/passwd", "docs/../agent.toml", ":agent.toml"):
        with pytest.raises(HiveError) as refused:
            history.file(kit.applied(), "main", path)
        assert refused.value.code == "not_found"


def test_a_git_that_takes_too_long_is_stopped_and_said(kit, monkeypatch, tmp_path):
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=":")
    with pytest.raises(HiveError) as refused:
        Git(tmp_path / "any", seconds=0.05).run("log")
    assert "longer than" in refused.value.message


def test_a_cut_text_says_so():
    assert cut("one\ntwo\nthree\n", 9, "Look.") == "one\ntwo\n\n… cut here: 6 more characters. Look.\n"
    assert cut("short", 9, "Look.") == "short"
    assert visible("tab\tänd 漢\n") == "tab\tänd 漢\n"


def test_a_history_that_misses_an_object_is_refused_with_the_way_out():
    with pytest.raises(HiveError) as refused:
        tree_policy.check_history("1234 missing\n")
    assert "shallow" in refused.value.hint

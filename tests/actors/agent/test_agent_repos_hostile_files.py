"""Repositories that lead elsewhere, lie, or hold what no configuration needs: refused in words, and nothing happens."""

import os
import shutil
import zlib
from hashlib import sha1

import pytest

from actors.agent.repos import tree_policy
from harness.wire.errors import HiveError
from tests.actors.agent.repos_kit import RepositoryKit

pytestmark = pytest.mark.slow  # git runs many times in each of them


@pytest.fixture
def kit(tmp_path):
    return RepositoryKit(tmp_path)


def refusal(kit, ref, name="alice"):
    with pytest.raises(HiveError) as refused:
        kit.applied(name).take(ref)
    leftovers = list(kit.applied(name).folder.glob(".incoming-*"))
    assert not leftovers
    assert kit.applied(name).git.ask("for-each-ref") == ""
    assert kit.untouched
    return refused.value


# ---- where the repository is ---------------------------------------------------------------------


def linked_git_folder(author, other):
    shutil.rmtree(author.folder / ".git")
    (author.folder / ".git").symlink_to(other.folder / ".git")


def git_file_pointing_elsewhere(author, other):
    shutil.rmtree(author.folder / ".git")
    (author.folder / ".git").write_text(f"gitdir: {other.folder}/.git\n")


def linked_objects(author, other):
    shutil.rmtree(author.folder / ".git" / "objects")
    (author.folder / ".git" / "objects").symlink_to(other.folder / ".git" / "objects")


def linked_fan(author, other):
    for fan in (other.folder / ".git" / "objects").iterdir():
        ours = author.folder / ".git" / "objects" / fan.name
        if ours.is_dir():
            shutil.rmtree(ours)
        ours.symlink_to(fan)


def linked_object(author, other):
    for file in (other.folder / ".git" / "objects").glob("??/*"):
        ours = author.folder / ".git" / "objects" / file.parent.name / file.name
        ours.parent.mkdir(exist_ok=True)
        ours.unlink(missing_ok=True)
        ours.symlink_to(file)


def pipe_among_the_objects(author, other):
    fan = author.folder / ".git" / "objects" / "00"
    fan.mkdir(exist_ok=True)
    os.mkfifo(fan / ("0" * 38))


def linked_config_folder(author, other):
    shutil.rmtree(author.folder)
    author.folder.symlink_to(other.folder)


def linked_agent_folder(author, other):
    shutil.rmtree(author.folder.parent)
    author.folder.parent.symlink_to(other.folder.parent)


def borrowed_objects(author, other):
    (author.folder / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (author.folder / ".git" / "objects" / "info" / "alternates").write_text(f"{other.folder}/.git/objects\n")


def common_folder_elsewhere(author, other):
    (author.folder / ".git" / "commondir").write_text(f"{other.folder}/.git\n")


def no_repository(author, other):
    shutil.rmtree(author.folder / ".git")


@pytest.mark.parametrize(
    "prepare",
    [
        linked_git_folder, git_file_pointing_elsewhere, linked_objects, linked_fan, linked_object, pipe_among_the_objects,
        linked_config_folder, linked_agent_folder, borrowed_objects, common_folder_elsewhere, no_repository,
    ],
    ids=lambda case: case.__name__,
)  # fmt: skip
def test_a_repository_that_leads_elsewhere_brings_nothing_from_there(kit, prepare):
    author, other = kit.draft(), kit.draft("bob")
    foreign = other.commit({"agent.toml": "secret = 1\n"})
    kit.applied().git.init()

    prepare(author, other)

    assert refusal(kit, foreign).code in {"bad_request", "not_found"}


# ---- what the objects are ------------------------------------------------------------------------


def test_an_object_that_is_not_what_its_name_says_is_refused(kit):
    author = kit.draft()
    sha = author.commit({"agent.toml": 'model = "opus"\n'})
    oid = author.git("rev-parse", "HEAD:agent.toml")
    file = author.folder / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(zlib.compress(b'blob 15\0model = "evil"\n'))
    assert "cannot be taken" in refusal(kit, sha).message


def test_objects_that_are_cut_off_or_no_objects_at_all_are_refused(kit):
    author = kit.draft()
    sha = author.commit({"agent.toml": 'model = "opus"\n'})
    for oid in (author.git("rev-parse", "HEAD:agent.toml"), author.git("rev-parse", "HEAD^{tree}"), sha):
        file = author.folder / ".git" / "objects" / oid[:2] / oid[2:]
        whole = file.read_bytes()
        file.chmod(0o644)
        for broken in (b"", whole[:9], b"\xff" * 200):
            file.write_bytes(broken)
            assert refusal(kit, sha).code in {"bad_request", "not_found"}
        file.write_bytes(whole)


def test_a_pack_that_was_tampered_with_is_refused(kit):
    author = kit.draft()
    sha = author.commit({"agent.toml": 'model = "opus"\n'})
    author.git("gc", "--quiet")
    (pack,) = (author.folder / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    body = bytearray(pack.read_bytes())
    body[len(body) // 2] ^= 0xFF
    pack.write_bytes(body)
    assert "index-pack" in refusal(kit, sha).message


def test_a_lying_index_of_a_pack_is_not_looked_at(kit):
    author = kit.draft()
    sha = author.commit({"agent.toml": 'model = "opus"\n'})
    author.git("gc", "--quiet")
    for index in (author.folder / ".git" / "objects" / "pack").glob("*.idx"):
        index.chmod(0o644)
        index.write_bytes(b"\xfftOc" + b"\xff" * 5000)
    assert kit.applied().take(sha).sha == sha


def test_a_shallow_history_is_refused_with_the_way_out(kit):
    author = kit.draft()
    parent = author.head()
    sha = author.commit({"agent.toml": 'model = "opus"\n'})
    (author.folder / ".git" / "shallow").write_text(f"{sha}\n")
    (author.folder / ".git" / "objects" / parent[:2] / parent[2:]).unlink()
    assert refusal(kit, sha).code == "bad_request"


def test_a_repository_with_longer_hashes_is_refused(kit):
    author = kit.draft()
    shutil.rmtree(author.folder / ".git")
    author.git("init", "-q", "--object-format=sha256", "-b", "main")
    sha = author.commit({"agent.toml": "x = 1\n"})
    assert refusal(kit, sha[:40]).code == "not_found"


def test_a_file_that_unpacks_to_far_more_than_it_takes_is_refused_without_being_unpacked(kit):
    author = kit.draft()
    size = 3 * 1024**3
    name = sha1(b"bomb").hexdigest()
    compressor = zlib.compressobj(9)
    start = compressor.compress(b"blob %d\0" % size) + compressor.compress(bytes(1024 * 1024)) + compressor.flush()
    folder = author.folder / ".git" / "objects" / name[:2]
    folder.mkdir(exist_ok=True)
    (folder / name[2:]).write_bytes(start)
    sha = author.raw_tree_commit(("100644", b"agent.toml", name))
    refused = refusal(kit, sha)
    assert refused.code == "too_large"
    assert str(size) in refused.message


@pytest.mark.slow
def test_a_tree_that_unfolds_without_end_is_refused_soon(kit):
    author = kit.draft()
    tree = author.git("mktree", stdin=f"100644 blob {author.blob(b'x')}\tx\n".encode())
    for _ in range(12):
        tree = author.git("mktree", stdin="".join(f"040000 tree {tree}\td{number}\n" for number in range(12)).encode())
    assert "cannot be taken" in refusal(kit, author.git("commit-tree", tree, "-m", "bomb")).message


@pytest.mark.slow
def test_folders_below_folders_without_end_are_refused(kit):
    author = kit.draft()
    body = author.blob(b"x")
    oid = author.git("mktree", stdin=f"100644 blob {body}\tx\n".encode())
    for _ in range(2000):
        content = b"40000 d\0" + bytes.fromhex(oid)
        oid = sha1(b"tree %d\0" % len(content) + content).hexdigest()
        path = author.folder / ".git" / "objects" / oid[:2] / oid[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(b"tree %d\0" % len(content) + content))
    assert refusal(kit, author.git("commit-tree", oid, "-m", "deep")).code == "bad_request"


# ---- what the tree holds -------------------------------------------------------------------------


def test_a_symbolic_link_is_refused(kit):
    author = kit.draft()
    (author.folder / "passwords").symlink_to("/etc/shadow")
    refused = refusal(kit, author.commit())
    assert refused.code == "bad_request"
    assert "symbolic link" in refused.message


def test_a_submodule_is_refused(kit):
    author = kit.draft()
    author.git("update-index", "--add", "--cacheinfo", f"160000,{author.head()},sub")
    author.git("commit", "-q", "-m", "sub")
    assert "submodule" in refusal(kit, author.head()).message


@pytest.mark.parametrize("name", [b".git", b".GIT", b".Git", b"git~1", b"..", b".", ".g\u200cit".encode(), b"a/b", b""])
def test_a_name_that_git_keeps_for_itself_is_refused(kit, name):
    author = kit.draft()
    sha = author.raw_tree_commit(("100644", name, author.blob(b"x")))
    assert refusal(kit, sha).code == "bad_request"


@pytest.mark.parametrize(
    "name",
    [b".gitmodules", b"line\nfeed", b"esc\x1b[2Jape", "turned\u202eround".encode(), b"\xff\xfe", b"-option", b"--output=x", b"back\\slash", b"c:", b"dot.", b"space ", b"~root", b"a" * 201],
)  # fmt: skip
def test_an_odd_name_is_refused_in_words_that_are_safe_to_print(kit, name):
    author = kit.draft()
    refused = refusal(kit, author.tree_commit(b"100644 blob %s\t%s\0" % (author.blob(b"x").encode(), name)))
    assert refused.code == "bad_request"
    assert refused.message.isprintable()


@pytest.mark.parametrize(
    "pair", [("agent.toml", "AGENT.toml"), ("straße", "STRASSE"), ("caf\u00e9", "cafe\u0301"), ("Docs/a", "docs/b")]
)
def test_two_names_that_some_file_system_takes_for_one_are_refused(kit, pair):
    author = kit.draft()
    blob = author.blob(b"x")
    for name in pair:
        author.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    author.git("commit", "-q", "-m", "twins")
    assert "spelled" in refusal(kit, author.head()).message


def test_large_files_many_files_and_a_large_sum_are_refused(kit):
    author = kit.draft()
    assert refusal(kit, author.commit({"a": bytes(tree_policy.MAX_FILE_BYTES + 1)})).code == "too_large"
    blob = author.blob(b"y" * tree_policy.MAX_FILE_BYTES)
    listing = b"".join(b"100644 blob %s\tf%d\0" % (blob.encode(), number) for number in range(5))
    assert "together" in refusal(kit, author.tree_commit(listing)).message
    small = author.blob(b"z").encode()
    listing = b"".join(b"100644 blob %s\tf%d\0" % (small, number) for number in range(tree_policy.MAX_FILES + 1))
    assert "files" in refusal(kit, author.tree_commit(listing)).message


@pytest.mark.slow
def test_a_large_object_in_the_history_is_refused_even_when_the_newest_tree_is_small(kit):
    author = kit.draft()
    author.commit({"big": os.urandom(tree_policy.MAX_HISTORY_OBJECT_BYTES + 1)})
    (author.folder / "big").unlink()
    refused = refusal(kit, author.commit({"agent.toml": "x = 1\n"}))
    assert refused.code == "too_large"
    assert "history" in refused.hint


def test_more_objects_than_a_configuration_has_are_refused(kit, monkeypatch):
    monkeypatch.setattr("actors.agent.repos.objects._Allowance.__init__.__defaults__", (1000, 3))
    author = kit.draft()
    assert "loose objects" in refusal(kit, author.commit({"a": "1", "b": "2"})).message

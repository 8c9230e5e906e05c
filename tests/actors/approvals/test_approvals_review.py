"""What a review says: effective changes, parts that are not shown, the gate before an approval. Pure."""

import pytest

from actors.agent import config as agent_config
from actors.agent.repos.compare import Difference
from actors.approvals.review import gate, parts
from actors.approvals.review.effective import MAX_VALUE, effective
from actors.approvals.review.remarks import remarks
from harness.wire.agent_config import AgentConfig
from harness.wire.errors import HiveError
from harness.wire.review import ReviewReply
from harness.wire.visible import hidden, visible


def parsed(text):
    return agent_config.parse(text, default_model="haiku")


def changes(before, after):
    found = effective(None if before is None else parsed(before), parsed(after))
    return {f"{one.topic}.{one.name}" if one.name else one.topic: (one.before, one.after, one.widens) for one in found}


def test_a_comment_and_another_spelling_change_nothing_in_effect():
    assert changes('model = "opus"\n[limits]\npids = 7\n', '# more\nlimits = {pids = 7}\nmodel = "\\u006fpus"\n') == {}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", '[[binds]]\nsource = "/srv/a"\ntarget = "/a"\n', {"binds./a": (None, "/srv/a (read-only)", True)}),
        ('[[binds]]\nsource = "/srv/a"\ntarget = "/a"\n', '[[binds]]\nsource = "/srv/a"\ntarget = "/a"\nwritable = true\n',
         {"binds./a": ("/srv/a (read-only)", "/srv/a (writable)", True)}),
        ('[[binds]]\nsource = "/srv/a"\ntarget = "/a"\n', "", {"binds./a": ("/srv/a (read-only)", None, False)}),
        ('[env]\nA = "1"\n', '[env]\nA = "2"\nB = "3"\n', {"env.A": ("1", "2", True), "env.B": (None, "3", True)}),
        ('allowedBashPatterns = ["Bash(ls)"]\n', "", {"allowedBashPatterns": ("Bash(ls)", "every command", True)}),
        ("", 'allowedBashPatterns = ["Bash(ls)"]\n', {"allowedBashPatterns": ("every command", "Bash(ls)", False)}),
        ("", 'allowedTools = ["Read"]\n', {"allowedTools": ("the usual tools", "Read", False)}),
        ("", 'allowedRecipients = ["bob"]\n', {"allowedRecipients": ("everybody", "bob", False)}),
        ("[limits]\npids = 10\n", "[limits]\npids = 20\n", {"limits.pids": ("10", "20", True)}),
        ("[limits]\npids = 20\n", "[limits]\npids = 10\n", {"limits.pids": ("20", "10", False)}),
        ("[limits]\nevents_per_minute = 9\n", "[limits]\nevents_per_minute = 8\n", {"limits.events_per_minute": ("9", "8", False)}),
        ("[limits]\npids = 9\n", "[limits]\npids = 9\nevents_per_minute = 8\n", {"limits.events_per_minute": (None, "8", True)}),
        ("[limits]\npids = 20\n", "", {"limits.pids": ("20", None, True), "limits": (None, "none", True)}),
        ("", 'packages = ["git"]\n', {"packages": ("none", "git", True)}),
        ("", 'prompt = "be kind"\n', {"prompt": ("none", "be kind", False)}),
        ("", '[extraMcpServers.files]\ncommand = "serve"\nargs = ["/shared"]\nenv = {K = "secret:X"}\n',
         {"extraMcpServers.files": (None, "serve '/shared'; all tools; env: K, secret:X", True)}),
    ],
)  # fmt: skip
def test_each_key_is_compared_by_what_it_means(before, after, said):
    assert changes(before, after) == said


def test_the_dangerous_comes_first_and_every_key_of_the_model_is_compared():
    order = [one.topic for one in effective(None, parsed(""))]
    assert order[:3] == ["network", "allowedTools", "allowedBashPatterns"]
    assert set(order) == set(agent_config.AgentConfig.model_fields) - {"binds", "env", "extraMcpServers"}
    both = parsed('model = "opus"\n[env]\nA = "1"\n[[binds]]\nsource = "/srv/a"\ntarget = "/a"\n')
    assert [one.topic for one in effective(parsed(""), both)] == ["binds", "env", "model"]


def test_a_value_that_hides_is_written_as_it_is_and_a_long_one_says_how_long():
    found = changes("", 'prompt = "\\u202Eevil\\u200b"\n')
    assert found["prompt"][1] == "\\u{202e}evil\\u{200b}"
    found = changes("", f'prompt = "{"x" * (MAX_VALUE + 7)}"\n')
    assert found["prompt"][1].endswith("… (7 more characters, see agent.toml)")


@pytest.mark.parametrize(
    "character",
    ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\U000e0041", "\ufe0f", "\U000e0101", "\u3164", "\uffa0",
     "\u115f", "\u2800", "\u180e", "\u034f", "\u00a0", "\u2003", "\x1b", "\x00", "\r", "\u2028", "\ue000", "\u0085"],
)  # fmt: skip
def test_a_character_that_acts_or_hides_is_shown_as_its_code_point(character):
    assert visible(f"a{character}b") == f"a\\u{{{ord(character):x}}}b"
    assert hidden(f"a{character}b") == 1


def test_readable_text_of_any_language_stays_as_it_is_and_a_pile_of_marks_does_not():
    for text in ("Größe\t漢字\n", "здравствуй", "ก็ดี", "עברית", "e\u0301"):
        assert (visible(text), hidden(text)) == (text, 0)
    assert visible("a" + "\u0301" * 6).count("\\u{301}") == 2


def difference(path="x", *, lines=(), binary=False, oid="1" * 40):
    return Difference(path, "new", None, oid, 9, "d" * 64, binary=binary, lines=tuple(lines), added=len(lines))


def test_every_file_is_listed_whatever_fits_and_what_does_not_has_a_name():
    found = [("config", difference(f"f{number}", lines=["+" + "x" * 99] * 10)) for number in range(50)]
    rows, unshown = parts.files(found, most=5_000, of_one=2_000)
    assert [row.path for row in rows] == [f"f{number}" for number in range(50)]
    shown = [row for row in rows if not row.missing]
    assert 0 < len(shown) < 5
    assert [row.part for row in rows if row.missing] == [one.part for one in unshown]
    assert len({one.part for one in unshown}) == len(unshown) == 50 - len(shown)
    assert all(len(row.lines.split("\n")) + row.missing == 10 for row in rows if row.lines)


def test_the_pieces_of_a_part_go_on_with_its_line_numbers():
    lines = ["@@@ -7,4 +9,5 @@ head", " a", "-b", "+c", "+d", "\\ No newline at end of file", "@@@ -0,0 +1 @@", "+e"]
    whole = "\n".join(lines)
    before = [parts.lines_before(whole, len("\n".join(lines[:count])) + 1) for count in range(1, len(lines))]
    assert before == [(6, 8), (7, 9), (8, 9), (8, 10), (8, 11), (8, 11), (0, 0)]
    assert parts.lines_before(whole, 0) == (0, 0)
    assert parts.lines_before(whole, whole.index(" a\n") + 1) == (7, 9), "a line that has begun counts"


def test_a_binary_file_is_a_size_and_a_hash_and_has_to_be_accepted():
    rows, unshown = parts.files([("notes", difference("tool", binary=True))])
    assert (rows[0].size, rows[0].sha256, rows[0].lines) == (9, "d" * 64, "")
    assert unshown[0].what == "state/tool"
    assert "d" * 64 in unshown[0].why


def test_a_part_is_named_by_what_it_holds_and_where():
    names = {
        parts.part_name(source, difference(path, oid=oid))
        for source in ("config", "notes") for path in ("a", "b") for oid in ("1" * 40, "2" * 40)
    }  # fmt: skip
    assert len(names) == 8


def review(*unshown, base="b" * 40):
    _, left = parts.files([("config", difference(name, binary=True)) for name in unshown])
    return ReviewReply(id=3, sha="a" * 40, base_sha=base, unshown=left)


def test_nothing_unshown_needs_no_word_and_an_old_client_can_approve():
    gate.check(review(), sha=None, base_sha=None, accepts=[])
    gate.check(review(), sha="a" * 7, base_sha="b" * 40, accepts=[])
    assert gate.accepted(review()) is None


def test_what_was_not_shown_is_refused_with_its_list_until_each_part_is_accepted():
    two = review("one.bin", "two.bin")
    accepts = [two.unshown[0].part, "f" * 16]
    with pytest.raises(HiveError) as refused:
        gate.check(two, sha="a" * 40, base_sha=None, accepts=accepts)
    assert refused.value.code == "bad_request"
    assert "two.bin" in refused.value.message
    assert "one.bin" not in refused.value.message
    assert "--accept-unshown" in refused.value.hint
    gate.check(two, sha="a" * 40, base_sha=None, accepts=[one.part for one in two.unshown])
    assert "one.bin" in gate.accepted(two)


@pytest.mark.parametrize(("sha", "base"), [("c" * 40, None), (None, "c" * 40), ("a" * 40, "c" * 7)])
def test_another_commit_than_the_one_looked_at_is_refused(sha, base):
    with pytest.raises(HiveError) as refused:
        gate.check(review(), sha=sha, base_sha=base, accepts=[])
    assert refused.value.code == "conflict"


def test_what_nothing_enforces_is_a_remark():
    config = parsed('allowedBashPatterns = ["Bash(git status *)", "Bash(ls *)"]\n[limits]\npids = 60\nmemory = "1G"\n')
    limits = {"memory": "for everything it runs together", "pids": "not enforced: there is no cgroup with pids here"}
    first, second = remarks(config, limits, isolates_network=True)
    assert first == "limits.pids is not enforced: there is no cgroup with pids here"
    assert second.startswith("Bash(git status *): git runs files that the agent can write")


def test_the_hosts_network_is_a_remark_whether_it_is_asked_for_or_cannot_be_helped():
    asked, default = parsed('[network]\nmode = "host"\n'), parsed("")
    assert remarks(default, {}, isolates_network=True) == []
    (words,) = remarks(asked, {}, isolates_network=True)
    assert words.startswith('network.mode is "host": it reaches all that this machine reaches')
    for config in (asked, default):
        (words,) = remarks(config, {}, isolates_network=False)
        assert "this runtime cannot isolate" in words


NETWORKS = {
    "": "proxied",
    '[network]\nmode = "host"\n': "host",
    '[network]\nmode = "proxied"\n': "proxied",
    '[network]\nmode = "none"\n': "none",
}


@pytest.mark.parametrize("before", NETWORKS)
@pytest.mark.parametrize("after", NETWORKS)
def test_another_network_is_a_change_and_one_that_reaches_more_is_marked(before, after):
    changes = effective(parsed(before), parsed(after))
    old, new = NETWORKS[before], NETWORKS[after]
    if old == new:
        assert changes == []
    else:
        (change,) = changes
        assert (change.topic, change.name, change.before, change.after) == ("network", "mode", old, new)
        assert change.widens == (["none", "proxied", "host"].index(new) > ["none", "proxied", "host"].index(old))


@pytest.mark.parametrize(
    ("before", "after", "widens"),
    [('["a.example"]', '["a.example", "b.example"]', True), ('["a.example", "b.example"]', '["a.example"]', False)],
)
def test_an_allowed_host_more_is_marked(before, after, widens):
    text = '[network]\nmode = "proxied"\nallow = {}\n'
    (change,) = effective(parsed(text.format(before)), parsed(text.format(after)))
    assert (change.topic, change.name, change.widens) == ("network", "allow", widens)


def test_a_list_of_allowed_hosts_that_goes_away_is_marked():
    text = '[network]\nmode = "proxied"\n'
    (change,) = effective(parsed(text + 'allow = ["a.example"]\n'), parsed(text))
    assert (change.name, change.after, change.widens) == ("allow", None, True)


@pytest.mark.parametrize(
    ("before", "after", "widens"),
    [
        (None, ["Bash", "Read"], False),
        (None, ["Bash", "WebFetch"], True),
        (["Read"], ["Bash", "Read"], True),
        (["Read"], None, True),
        (["Bash", "Edit", "Glob", "Grep", "Read", "Write", "Task"], None, False),
        (["WebFetch"], ["Read"], True),
    ],
)
def test_a_tool_beyond_those_it_had_is_marked_and_the_usual_ones_are_those_of_a_list_left_out(before, after, widens):
    one, other = (AgentConfig(allowedTools=tools) for tools in (before, after))
    (change,) = effective(one, other)
    assert (change.topic, change.widens) == ("allowedTools", widens)


def test_a_search_by_the_models_service_is_remarked_on():
    said = remarks(AgentConfig(allowedTools=["WebSearch"]), {}, isolates_network=True)
    assert any("passes by the network settings" in one for one in said)
    assert remarks(AgentConfig(allowedTools=["WebFetch"]), {}, isolates_network=True) == []

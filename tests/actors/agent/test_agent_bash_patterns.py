"""Which entries of the tool lists mean something, and which patterns of Bash promise nothing."""

import pytest

from actors.agent import bash_patterns
from actors.agent import config as agent_config
from actors.approvals.checks import check_config
from harness.wire.errors import HiveError
from harness.wire.tool_rules import BUILT_INS


def refused(toml):
    with pytest.raises(HiveError) as error:
        check_config(toml, parse=lambda text: agent_config.parse(text, default_model="haiku"), kept=[])
    assert error.value.code == "bad_request"
    return f"{error.value.message} | {error.value.hint}"


@pytest.mark.parametrize(
    ("entry", "instead"),
    [
        ("git *", 'write "Bash(git *)"'), ("git status", 'write "Bash(git status)"'), ("Bash(ls", 'write "Bash(ls)"'),
        ("bash(ls)", "cannot be in a pattern"), ("Bash", "leave allowedBashPatterns out"),
        ("Bash()", "leave allowedBashPatterns out"), ("Bash( )", "leave allowedBashPatterns out"),
        ("Bash(a),WebFetch", "cannot be in a pattern"), ("Read", 'write "Bash(Read)"'), ("", "leave allowedBashPatterns out"),
    ],
)  # fmt: skip
def test_a_pattern_that_means_nothing_is_refused_with_the_right_spelling(entry, instead):
    said = refused(f"allowedBashPatterns = ['{entry}']\n")
    assert "means nothing" in said
    assert instead in said


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ('allowedTools = ["bash"]', "did you mean 'Bash'?"), ('allowedTools = ["TodoWrite"]', "no agent has this tool"),
        ('allowedTools = ["Agent"]', "write 'Task'"), ('allowedTools = ["Webfetch"]', "did you mean 'WebFetch'?"),
        ('allowedTools = ["WebFetch"]\n[network]\nmode = "none"', "leave one of the two out"),
        ("allowedTools = []\nallowedBashPatterns = []", "add Bash to allowedTools"),
        ("autoCompact = false\ncompact_tokens = 50000", "leave one of the two out"),
        ('allowedTools = ["Bash(git *)"]', "allowedBashPatterns"), ('allowedTools = ["mcp__x__y"]', "its own allowedTools"),
        ('allowedTools = ["*"]', "it takes: Bash"),
        ('allowedTools = ["Read"]\nallowedBashPatterns = ["Bash(ls)"]', "add Bash to allowedTools"),
        ('[extraMcpServers.db]\ncommand = "x"\nallowedTools = ["mcp__db__get"]', 'write "get"'),
        ('[extraMcpServers.db]\ncommand = "x"\nallowedTools = ["get *"]', '"*" for all'),
    ],
)  # fmt: skip
def test_a_tool_that_means_nothing_is_refused_with_the_right_spelling(line, instead):
    assert instead in refused(line + "\n")


@pytest.mark.parametrize(
    "command",
    ["git *", "git:*", "git -c *", "git -C /srv *", "git --git-dir /x *", "/usr/bin/git *", "A=b git *", "git*", "g*", "*",
     "git grep *", "git rebase main *", "git fetch origin *", "git config *", "git submodule foreach *", "git bisect run *",
     "python *", "python3.11 *", "python -c *", "python -u *", "bash -c *", "bash -lc *", "sh *", "node -e *", "perl -e *",
     "find . *", "xargs *", "env FOO=1 *", "sudo *", "timeout 9 *", "make *", "make -C x *", "tar -x *", "awk *",
     "npm run *", "uv run *", "pip install *", "vim *", "ssh host *", "sed -n *", "A=* ls"],
)  # fmt: skip
def test_a_pattern_whose_arguments_run_any_program_is_refused(command):
    said = refused(f'allowedBashPatterns = ["Bash({command})"]\n')
    assert "allows any program" in said
    assert "leave allowedBashPatterns out" in said


@pytest.mark.parametrize(
    "command",
    ["git status *", "git -C /srv status *", "git log *", "git diff:*", "git commit *", "rg *", "ls", "cat *", "make test",
     "python -m pytest *", "python tools/check.py *", "pytest *", "find . -name x", "npm run build"],
)  # fmt: skip
def test_a_pattern_that_names_a_command_is_taken(command):
    bash_patterns.check([f"Bash({command})"])


def test_every_example_of_the_template_passes_the_checks():
    template = agent_config.template("haiku")
    shown = [line[2:] for line in template.splitlines() if line.startswith("# allowed")]
    assert len(shown) == 4
    for line in shown[:3]:
        check_config(line + "\n", parse=lambda text: agent_config.parse(text, default_model="haiku"), kept=[])
    assert set(agent_config.parse(shown[2], default_model="haiku").allowedTools) <= set(BUILT_INS)

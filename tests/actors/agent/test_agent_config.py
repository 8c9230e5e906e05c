"""agent.toml: what is understood, and the sentence for what is not."""

import tomllib
from dataclasses import replace

import pytest

from actors.agent import config
from actors.agent.default_limits import LEAST_MEMORY, default_limits
from actors.daemon_settings import DaemonSettings
from harness.wire.agent_config import AgentConfig, Limits
from harness.wire.errors import ErrorCode, HiveError


def refused(text):
    with pytest.raises(HiveError) as refusal:
        config.parse(text, default_model="haiku")
    assert refusal.value.code is ErrorCode.BAD_REQUEST
    return refusal.value


def test_an_empty_file_is_all_defaults_with_the_hives_own_model():
    assert config.parse("", default_model="opus") == AgentConfig(model="opus")


def test_the_template_is_all_defaults():
    assert config.parse(config.template("opus"), default_model="opus") == AgentConfig(model="opus")


def test_the_template_names_every_key_and_its_comments_hold_when_they_are_taken_out():
    text = config.template("haiku")
    assert [key for key in AgentConfig.model_fields if key not in text] == []
    examples = [line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("# [")]
    assert config.parse("\n".join(examples), default_model="haiku").limits.pids == 256
    assert tomllib.loads("\n".join(examples))["warm_seconds"] == AgentConfig().warm_seconds


def test_a_full_configuration_is_understood():
    parsed = config.parse(
        """
        model = "opus"
        allowedRecipients = ["manager", "*"]
        [limits]
        memory = "512M"
        [extraMcpServers.files]
        command = "serve"
        """,
        default_model="haiku",
    )
    assert (parsed.model, parsed.limits.memory, parsed.extraMcpServers["files"].allowedTools) == ("opus", "512M", ["*"])


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("allowedRecipiants = []", "there is no key 'allowedRecipiants'", "did you mean 'allowedRecipients'?"),
        ("allowed_recipients = []", "there is no key 'allowed_recipients'", "did you mean 'allowedRecipients'?"),
        ("[limits]\nspeed = 1", "there is no key 'limits.speed'", "it takes: memory, cpu, pids, disk"),
        ("[limits]\nmemry = 1", "there is no key 'limits.memry'", "did you mean 'memory'?"),
        (
            "[[binds]]\nsource='/a'\ntarget='/b'\nwriteable=true",
            "no key 'binds.0.writeable'",
            "did you mean 'writable'?",
        ),
        ("zzz = 1", "there is no key 'zzz'", "it takes: model"),
        ("[extraMcpServers.x]\nargs = []", "extraMcpServers.x.command is missing", None),
        ("[extraMcpServers.hive]\ncommand = 'x'", "the hive's own tools", None),
        ("warm_seconds = -1", "warm_seconds: input should be greater than or equal to 0, got '-1'", None),
        ("allowedRecipients = ['..']", "is no agent name", None),
        ("[limits]\ndisk = '0G'", "limits.disk: '0G' is no amount of disk", 'write "512M" or "2G"'),
        ("[limits]\nmemory = 'lots'", "'lots' is no amount of memory", 'write "512M" or "2G"'),
        ("model = ", "agent.toml is no TOML", None),
    ],
)
def test_what_is_off_is_said_in_one_sentence(text, sentence, hint):
    error = refused(text)
    assert sentence in error.message
    assert hint is None or hint in error.hint


@pytest.mark.parametrize(
    ("value", "size"),
    [(None, None), (5, 5), ("1000", 1000), ("512M", 2**29), ("2G", 2**31), ("2GiB", 2**31), ("4k", 4096)],
)
def test_memory_is_understood_in_the_usual_spellings(value, size):
    assert config.memory_bytes(value) == size


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5G", "G", "1 G 2"])
def test_other_spellings_of_memory_are_refused(value):
    with pytest.raises(HiveError):
        config.memory_bytes(value)


def test_a_configuration_that_can_not_be_read_is_an_error_never_the_default(tmp_path):
    with pytest.raises(HiveError) as refusal:
        config.in_force(tmp_path / "agent.toml", default_model="haiku")
    assert refusal.value.code is ErrorCode.UNAVAILABLE


def test_what_limits_leave_out_is_the_hives_default():
    defaults = Limits(memory="4G", cpu=1.5, pids=512, disk="10G")
    found = config.parse("[limits]\npids = 7\ndisk = '1G'", default_model="haiku", default_limits=defaults).limits
    assert found == Limits(memory="4G", cpu=1.5, pids=7, disk="1G")
    assert config.parse("", default_model="haiku", default_limits=defaults).limits == defaults


def test_the_machine_gives_every_agent_all_four_limits_and_the_settings_beat_it(tmp_path):
    settings = DaemonSettings(state_dir=tmp_path, run_dir=tmp_path)
    found = default_limits(settings)
    assert all(getattr(found, name) is not None for name in ("memory", "cpu", "pids", "disk"))
    assert (found.turn_seconds, found.turn_tool_calls) == (None, None)
    assert default_limits(replace(settings, agent_turn_seconds=9.0)).turn_seconds == 9.0
    assert found.memory >= LEAST_MEMORY
    assert default_limits(replace(settings, agent_memory=5, agent_cpu=0.5)).memory == 5

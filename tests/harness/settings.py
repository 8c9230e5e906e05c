"""Settings of a harness that is never started."""

from pathlib import Path

from harness.settings import Settings
from harness.wire.agent_config import AgentConfig


def settings(role="agent", **config):
    here = Path("/agents/alice")
    return Settings(
        name="manager" if role == "manager" else "alice", role=role, socket=Path("/run/hive/hive.sock"), state_dir=here / "state",
        line=3, config_dir=here / "config", agents_dir=Path("/agents") if role == "manager" else None,
        shared_dir=Path("/shared"), claude_dir=here / "claude", config=AgentConfig(**config), claude_cli=Path("/bin/claude"),
        login_command=("claude",), has_key=True,
    )  # fmt: skip

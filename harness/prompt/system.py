"""The system prompt: the template of the agent's role in `prompts/`, filled in for one agent."""

from importlib import resources

from harness.settings import Settings
from harness.wire.agent_config import Limits
from harness.wire.limits import MAX_WAIT_SECONDS


def system_prompt(settings: Settings) -> str:
    """The complete system prompt; the prompt of the agent's configuration stands at its end."""
    template = resources.files("prompts").joinpath("manager.md" if settings.is_manager else "agent.md")
    role = settings.config.prompt
    values = {
        "name": settings.name,
        "state_dir": str(settings.state_dir),
        "config_dir": str(settings.config_dir),
        "agents_dir": str(settings.agents_dir or settings.config_dir.parent),
        "applied_dir": str((settings.agents_dir or settings.config_dir.parent).parent / "applied"),
        "limit_keys": ", ".join(f"`{key}`" for key in Limits.model_fields),
        "shared_dir": str(settings.shared_dir),
        "notes_limit": str(settings.config.notes_limit_bytes),
        "max_wait_seconds": str(MAX_WAIT_SECONDS),
        "prompt": f"\n# Your role\n{role}" if role else "",
    }
    text = template.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text.rstrip() + "\n"

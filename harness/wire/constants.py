"""Words with one meaning on both sides of the wire. Imports nothing, so that the CLI can read it without pydantic."""

RUNTIMES = ("process", "bwrap", "nspawn")
"""The runtimes offered, as settings and rows name them; the setting `auto` chooses one."""

OAUTH_TOKEN = "CLAUDE_CODE_OAUTH_TOKEN"  # noqa: S105 — a name
"""The secret with the token of a subscription for all agents, and Claude Code's own variable for one."""

LOGIN_SOON_DAYS, TOKEN_SOON_DAYS = 3, 30
"""How long before its end a login is to be renewed: an agent's own, as Claude Code warns too, and a year's token."""

TRANSIENT_STATES = ("spawning", "starting", "stopping", "restarting", "rebuilding", "destroying")
"""States of an agent in which the daemon is at work on its container; a row repeats them in `transient`."""

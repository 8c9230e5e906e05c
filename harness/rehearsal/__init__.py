"""The rehearsal model: a scripted Messages API on loopback.

With it the real Claude Code CLI can play any conversation without an account or a token.

Layout: `script` (what a script may say, read from TOML), `dialogue` (what a request shows of the conversation),
`matcher` (which step answers it), `stream` (a step as server-sent events), `server` (HTTP). `scripts/` is data.
"""

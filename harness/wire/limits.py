"""Every limit of the wire, once. Models, refusals, tool texts, prompts and pages are formatted from here.

Imports nothing, so that the CLI can read it without pydantic. Beside these: a frame's size in `framing`, a name's
length in `names`.
"""

MAX_BODY_BYTES = 64 * 1024
"""A message body or a reminder, UTF-8. The daemon refuses more with `too_large` and the way out."""

BODY_LIMIT = f"{MAX_BODY_BYTES // 1024} KiB"
"""The limit of a body as texts say it."""

MAX_WAIT_SECONDS = 180
"""How long one long poll (`recv`, `control`) lasts; a longer wait is cut to it."""

MAX_BATCH = 32
"""Messages that one `recv` leases."""

MAX_RECENT, DEFAULT_RECENT = 200, 30
"""Messages that one `recent` shows."""

MAX_QUESTION_TTL_SECONDS = 21_600
"""How long a question may stay open; a longer time is cut to it."""

MAX_QUESTION_BYTES = 8 * 1024
"""A question together with its options, UTF-8."""

MAX_ANSWER_BYTES = 16 * 1024
"""An answer, UTF-8: with its question it becomes one message."""

MAX_OPTIONS = 32
"""Answers to choose from."""

MAX_OPEN_QUESTIONS = 20
"""Questions of one agent or peer that wait for an answer; one that asks more is in a loop, and nobody reads them."""

MAX_DESCRIPTION_BYTES = 8 * 1024
"""What the manager says of a proposal, UTF-8."""

MAX_COMMENTS, MAX_COMMENT_BYTES, MAX_COMMENTS_BYTES = 100, 4 * 1024, 40 * 1024
"""Comments on one proposal, the words of one, and all of them as JSON: with its note a decision is one message."""

MAX_VIEWED = 2000
"""Marks of viewed files on one proposal."""

MAX_NOTE_CHARACTERS = 4000
"""The operator's note on an approval."""

MAX_EDITED_FILES = 100
"""Files that one edit of a configuration changes."""

MAX_REMIND_SECONDS = 100 * 365 * 24 * 3600
"""How far ahead a reminder may be: a hundred years."""

MAX_LABEL_CHARACTERS = 256
"""A name within a report: of a model, a tool, an outcome."""

MAX_LABELS = 1000
"""Figures by name within one report."""

MAX_KEY_CHARACTERS = 400
"""The key of an item that needs the operator."""

MAX_NOTE_CHARACTERS = 4000
"""What the operator says to a decision."""

MAX_STATUS_CHARACTERS = 200
"""The line an agent shows the operator."""

MAX_LOG_LINES, DEFAULT_LOG_LINES = 5000, 200
"""Lines of an agent's log that one request returns."""

NEW_SESSION_AFTER = 3
"""Failed tries of one message from which on every further try has a session of its own: a history can be the cause."""

SET_ASIDE_AFTER = 6
"""Failed tries of one message after which it is set aside and the next message is taken."""

MAX_REASON_CHARACTERS = 2000
"""Why a turn or a login failed, in the harness's words."""

MAX_URL_CHARACTERS = 4096
"""The address of a login."""

MAX_SERVERS = 64
"""MCP servers of one agent beside the hive's own tools."""

MAX_EVENTS = 1000
"""LiveEvents that one `publish` carries, and ids that one `requeue_inflight` names."""

MAX_ROWS, DEFAULT_ROWS = 1000, 100
"""Rows of one page of a listing."""

MAX_SEARCH_ROWS, MAX_QUERY_CHARACTERS = 100, 1000
"""Hits of one page of a search, and the length of what is searched for."""

DEFAULT_TURNS = 50
"""Rows of `turns`; at most `MAX_ROWS`."""

COST_DAYS, TOP_TOOLS = 30, 5
"""Days of which `stats` tells the costs, today included, and tools of which `turns` tells the calls."""

MAX_HISTORY, DEFAULT_HISTORY = 2000, 500
"""Stored LiveEvents of one page of `live_history`."""

MAX_PATH_CHARACTERS = 200
"""The path of an actor below the root of the tree."""

MAX_LEFT_PROCESSES, MAX_COMMAND_CHARACTERS = 10, 200
"""How many processes that a turn has left running are named, and how much of the command of each."""

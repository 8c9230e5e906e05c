"""An agent's configuration repository, read-only: what is in force, its log, tags, diffs and files."""

from typing import Annotated

from pydantic import Field

from harness.wire.limits import DEFAULT_ROWS, MAX_ROWS
from harness.wire.model import Reply, Request
from harness.wire.names import AgentName
from harness.wire.review import CompareReply
from harness.wire.verb import OPERATORS, Rows, Verb

from .replies import DiffReply, RowsReply, TextReply


class ConfigQuery(Request):
    """The agent, a ref where one is meant; `config_diff` takes two, `config_file` a path too."""

    name: AgentName
    ref: str | None = None
    base: str | None = None
    path: str | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = DEFAULT_ROWS


class SourceReply(Reply):
    """The exact text of a file in force, for an editor; null when there is no such file. `sha`: the commit in force."""

    sha: str
    text: str | None


AGENT_CONFIG = Verb("agent_config", ConfigQuery, TextReply, OPERATORS)
CONFIG_LOG = Verb("config_log", ConfigQuery, RowsReply, OPERATORS)
CONFIG_DIFF = Verb("config_diff", ConfigQuery, DiffReply, OPERATORS)
CONFIG_COMPARE = Verb("config_compare", ConfigQuery, CompareReply, OPERATORS)
CONFIG_FILE = Verb("config_file", ConfigQuery, TextReply, OPERATORS)
CONFIG_FILES = Verb("config_files", ConfigQuery, RowsReply, OPERATORS)
CONFIG_TAGS = Verb("config_tags", ConfigQuery, RowsReply, OPERATORS)
CONFIG_SOURCE = Verb("config_source", ConfigQuery, SourceReply, OPERATORS)

VERBS: Rows = (
    AGENT_CONFIG,
    CONFIG_LOG,
    CONFIG_DIFF,
    CONFIG_COMPARE,
    CONFIG_FILE,
    CONFIG_FILES,
    CONFIG_TAGS,
    CONFIG_SOURCE,
)

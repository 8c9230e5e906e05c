"""The rows of docs/protocol.md as the tables of the wire have them, and the tables of any page."""

import re

from harness.wire.verb import Caller, StreamVerb


def tables(text):
    """Every Markdown table of a page: a list of rows, the head first, each a tuple of cells."""
    found = []
    for block in re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE):
        rows = [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]) for line in block.splitlines()]
        if len(rows) > 1 and set("".join(rows[1])) <= set("-: "):
            found.append([rows[0], *rows[2:]])
    return found


def table(text, *head):
    """The rows of all tables of a page that begin with these columns; the order of the page."""
    rows = [row for one in tables(text) if one[0][: len(head)] == head for row in one[1:]]
    assert rows, f"there is no table with the columns {head}"
    return rows


def row(verb):
    """The cells that the page must have for a verb: cmd, arguments, reply, callers."""
    return (f"`{verb.cmd}`", _arguments(verb), _reply(verb), _callers(verb))


def _arguments(verb):
    schema = verb.request.model_json_schema(by_alias=True)
    required = schema.get("required", [])
    given = {name: about for name, about in schema["properties"].items() if name != "cmd"}
    return ", ".join(f"`{name}{'' if name in required else '?'}`{_bounds(about)}" for name, about in given.items())


def _bounds(about):
    """What the schema says of an argument's size and default, as in ` (1–200, 30)`."""
    said = []
    if about.get("maximum", 2**62) < 2**62:
        said.append(f"{about['minimum']}–{about['maximum']}")
    if "maxLength" in about:
        said.append(f"at most {about['maxLength']} characters")
    if about.get("default") not in (None, False, []):
        said.append(str(about["default"]).lower())
    return f" ({', '.join(said)})" if said else ""


def _reply(verb):
    fields = verb.reply.model_json_schema(by_alias=True).get("properties", {})
    reply = ", ".join(f"`{name}`" for name in fields)
    return f"{reply or 'done'}, then a stream" if isinstance(verb, StreamVerb) else reply


def _callers(verb):
    return ", ".join(f"`{caller.value}`" for caller in Caller if caller in verb.callers)

"""The prompts that open a turn: new mail, and the request to write notes before the context is compacted."""

from collections.abc import Sequence

from harness.prompt.frames import frame, join, new_key, quoted
from harness.prompt.messages import render_message
from harness.prompt.notes import Notes
from harness.wire.agent_api import MAX_BATCH, Message

CHECKPOINT = (
    "Your context is about to be compacted. Write what must survive into notes.md in your working directory now: "
    "decisions, open promises, where things are. Send no messages. Then end the turn."
)


def wake_prompt(
    messages: Sequence[Message],
    *,
    remaining: int,
    notes: Notes | None = None,
    notes_excess: tuple[int, int] | None = None,
    key: str | None = None,
) -> str:
    """The prompt of a turn on `messages`; `remaining` more are queued. `notes` are for a session without memory.

    `notes_excess`: the size of notes above their limit, and the limit. `key` None: a new one.
    """
    key = key or new_key()
    parts = []
    if notes is not None:
        parts.append(_with_notes(notes, key))
    if any(message.redelivered for message in messages):
        parts.append("(Redelivered after a turn that failed: it may already be handled, in part or completely.)")
    if any(message.broadcast for message in messages):
        parts.append("(Sent to everybody: it may need nothing from you.)")
    parts += [render_message(message, key) for message in messages]
    if notes_excess is not None:
        size, limit = notes_excess
        parts.append(
            f"(Your notes.md has {size} bytes, {limit} are allowed: rewrite it shorter before this turn ends.)"
        )
    if remaining > 0:
        batch = min(MAX_BATCH, remaining)
        parts.append(f"(+{remaining} more queued; consider reading them before you act: recv with max={batch}.)")
    return join(parts, key)


def _with_notes(notes: Notes, key: str) -> str:
    if not notes.text.strip():
        return "(This is a new session: you remember nothing of earlier ones, and notes.md is empty.)"
    which = (
        f"The end of your notes.md, without its first {notes.left_out} bytes," if notes.left_out else "Your notes.md"
    )
    head = f"(This is a new session: you remember nothing of earlier ones. {which} says:)"
    return f"{head}\n{frame('notes', {}, quoted(notes.text), key)}"

"""How many bytes a message takes on the wire, and how many fit into one frame. Pure."""

from pydantic_core import to_json

from harness.wire.framing import MAX_FRAME_BYTES

REPLY_BYTES = MAX_FRAME_BYTES - 64 * 1024
"""What the messages of one reply or one page may take together; the rest of the frame is for the reply around them."""

HEADER_BYTES = 512
"""What a message takes on the wire besides its body, at most."""


def wire_size(body: str) -> int:
    """Bytes of a message in a reply: JSON spells a control character in six."""
    return len(to_json(body)) + HEADER_BYTES

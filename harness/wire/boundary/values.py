"""The kinds of value that requests and reports are made of, each with its range.

`frame` has seen to it before that numbers are finite and text is whole; here stands what a figure can mean.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from harness.wire.limits import MAX_LABEL_CHARACTERS, MAX_LABELS, MAX_REMIND_SECONDS
from harness.wire.times import LATEST_MS

TOO_LARGE = "too_large"
"""The type of a validation error whose refusal has the code `too_large`."""

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""How many: tokens, bytes, messages, calls. A browser counts no further."""

Milliseconds = Annotated[int, Field(ge=0, le=LATEST_MS)]
"""A duration."""

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A wait; what is too long is cut by the one who waits."""

Delay = Annotated[float, Field(ge=0, le=MAX_REMIND_SECONDS, allow_inf_nan=False)]
"""How far ahead a reminder may be."""

Dollars = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]

Label = Annotated[str, Field(max_length=MAX_LABEL_CHARACTERS)]
"""A name or a class that others give: of a model, a tool, an outcome."""

Figures = Annotated[dict[Label, Count], Field(max_length=MAX_LABELS)]
"""Counts by name."""


def at_most(most: int, what: str) -> AfterValidator:
    """Refuse a text of more than `most` bytes of UTF-8 with `too_large`."""
    return AfterValidator(lambda text: check_size(text, most, what))


def check_size(text: str, most: int, what: str) -> str:
    """Return `text` if it has at most `most` bytes of UTF-8, else raise what a validator raises for `too_large`."""
    size = len(text.encode(errors="replace"))
    if size > most:
        about = {"what": what, "most": most, "size": size}
        raise PydanticCustomError(TOO_LARGE, "{what} has at most {most} bytes, this one has {size}", about)
    return text

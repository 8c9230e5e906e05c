"""The bases of everything on the wire.

A validator is built when the first value of its model is: a process of hive uses few of the models that it imports.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A piece of a request. Unknown keys are refused, and so is `"7"` or `true` where a number is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Request(Part):
    """What a client may ask. No request names its sender: the socket does."""

    cmd: str

    def as_frame(self) -> dict[str, Any]:
        """The JSON object of this request, absent arguments left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Record(BaseModel):
    """What the daemon answers or reports. Unknown keys are tolerated: an old client can talk to a newer daemon."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)

    def as_frame(self) -> dict[str, Any]:
        """The JSON object of this record; what is not known is null, never left out."""
        return self.model_dump(mode="json", by_alias=True)


class Reply(Record):
    """A good answer to one request."""

    def as_reply(self) -> dict[str, Any]:
        """The whole reply frame."""
        return {"version": 1, "ok": True, **self.as_frame()}

    @classmethod
    def from_reply(cls, reply: dict[str, Any]) -> Self:
        """Read the answer back on the client's side."""
        return cls.model_validate(reply)


class Done(Reply):
    """The answer of a verb that has nothing to tell but that it is done."""

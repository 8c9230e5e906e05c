"""From a frame to a request of a surface: the door where everything a client says is checked."""

import difflib
from typing import Any

from pydantic import ValidationError

from .boundary.frame import checked
from .boundary.values import TOO_LARGE
from .errors import ErrorCode, HiveError, bad_request
from .model import Request
from .verb import Verbs

MAX_ERRORS = 100
"""Of one request; pydantic takes as long to tell of more as a slice of everybody else's time."""


def parse_request(frame: dict[str, Any], verbs: Verbs) -> Request:
    """The typed request in `frame`; `unknown_command`, `bad_request` or `too_large` with a sentence otherwise."""
    frame = checked(frame)
    cmd = frame.get("cmd")
    if not isinstance(cmd, str):
        raise bad_request("the request has no cmd", 'send {"cmd": "…"}')
    verb = verbs.get(cmd)
    if verb is None:
        raise HiveError(ErrorCode.UNKNOWN_COMMAND, f"there is no command {cmd[:80]!r} here", _did_you_mean(cmd, verbs))
    try:
        request: Request = verb.request.model_validate(frame)
    except ValidationError as error:
        raise _refusal(cmd, error, verb.request) from None
    return request


def _did_you_mean(word: str, known: Any) -> str | None:
    close = difflib.get_close_matches(word[:80], list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else None


def _refusal(cmd: str, error: ValidationError, request: type[Request]) -> HiveError:
    if (count := error.error_count()) > MAX_ERRORS:
        return bad_request(f"{cmd}: {count} things in it are wrong", f"it takes: {_takes(request)}")
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == TOO_LARGE:
        return HiveError(ErrorCode.TOO_LARGE, _sentence(cmd, error), "write a file and send its path")
    return bad_request(_sentence(cmd, error), _known_keys(error, request) or _meaning(first["loc"], request))


def _meaning(path: tuple[int | str, ...], request: type[Request]) -> str | None:
    """What the argument at fault is, as its field says."""
    for name, field in request.model_fields.items():
        if path and path[0] in {name, field.alias} and field.description:
            return f"{path[0]}: {field.description}"
    return None


def _sentence(cmd: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:80]
    reason = first["msg"].removeprefix("Value error, ")
    return f"{cmd}: {where}: {reason}" if where else f"{cmd}: {reason}"


def _known_keys(error: ValidationError, request: type[Request]) -> str | None:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] != "extra_forbidden":
        return None
    names = [field.alias or name for name, field in request.model_fields.items()]
    return _did_you_mean(str(first["loc"][-1]), names) or f"it takes: {_takes(request)}"


def _takes(request: type[Request]) -> str:
    names = [field.alias or name for name, field in request.model_fields.items()]
    return ", ".join(name for name in names if name != "cmd") or "nothing"

"""Taking the values of secrets out of what is stored and shown: `[secret:NAME]` stands in their place.

Found are a value as it is, each long line of a value of several lines, and both in base64, in URL encoding and as a
JSON text. An agent that splits or ciphers a value is not found out: redaction guards against accidents.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from pydantic import ValidationError

from actors.listener import Handler
from harness.wire.errors import bad_request
from harness.wire.model import Request

SHORTEST = 6
"""Characters; a shorter value occurs in texts that have nothing to do with it."""
SHORTEST_LINE = 16

R = TypeVar("R", bound=Request)


def redacting(handler: Handler, redactor: "Redactor") -> Handler:
    """A listener's handler that sees requests without the values of secrets."""
    return lambda request, connection: handler(redactor.request(request), connection)


class Redactor:
    """Takes the values that `values` returns out of texts. Costs one call of it where there are none."""

    def __init__(self, values: Callable[[], Mapping[str, str]]) -> None:
        self._values = values
        self._of: Mapping[str, str] = {}
        self._forms: list[tuple[str, str]] = []

    def text(self, text: str) -> str:
        """`text` without them."""
        return redact(text, self._current()) if text else text

    def value(self, value: Any) -> Any:
        """A JSON value without them, its keys included."""
        forms = self._current()
        return _redact_value(value, forms) if forms else value

    def request(self, request: R) -> R:
        """A request without them; the request itself where it has none.

        Raises `bad_request` when it is none any more without them, because a name or a short text held one.
        """
        forms = self._current()
        if not forms:
            return request
        frame = request.as_frame()
        clean = _redact_value(frame, forms) | {"cmd": request.cmd}
        if clean == frame:
            return request
        try:
            return type(request).model_validate(clean)
        except ValidationError:
            raise bad_request(f"{request.cmd}: an argument holds the value of a secret", "leave it out") from None

    def _current(self) -> list[tuple[str, str]]:
        values = self._values()
        if values != self._of:
            self._of, self._forms = dict(values), forms_of(values)
        return self._forms


def redact(text: str, forms: list[tuple[str, str]]) -> str:
    """`text` with the word of each form in its place. Pure."""
    for form, word in forms:
        if form in text:
            text = text.replace(form, word)
    return text


def forms_of(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Every text that stands for one of the values, the longest first, and the word that takes its place. Pure."""
    found = {form: f"[secret:{name}]" for name, value in values.items() for form in _spellings(value)}
    return sorted(found.items(), key=lambda pair: -len(pair[0]))


def _spellings(value: str) -> Iterator[str]:
    lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
    # The first and last line of a PEM file are no secret.
    long = [line for line in lines if len(line) >= SHORTEST_LINE and not line.startswith("-----")]
    for plain in (value, value.strip(), *long):
        if len(plain) < SHORTEST:
            continue
        yield plain
        yield json.dumps(plain)[1:-1]
        yield quote(plain, safe="")
        yield quote_plus(plain)
        yield from (form for form in _in_base64(plain.encode()) if len(form) >= SHORTEST)


def _in_base64(content: bytes) -> Iterator[str]:
    """What every base64 text that holds this content shows, wherever the content begins in it."""
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode(b"\0" * shift + content).decode().rstrip("=")
            first = 0 if shift == 0 else shift + 1  # characters that also hold bits of what stands before
            bits = 8 * (shift + len(content))
            yield coded[first : bits // 6]  # the last character may hold bits of what follows


def _redact_value(value: Any, forms: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        return redact(value, forms)
    if isinstance(value, list):
        return [_redact_value(one, forms) for one in value]
    if isinstance(value, dict):
        return {redact(str(key), forms): _redact_value(one, forms) for key, one in value.items()}
    return value

"""The hive's own way to the model: the API key of the settings, or the token of a subscription in the secret store.

The key comes first. Read anew at each start of a container, so that a changed one needs no restart of the daemon.
"""

import contextlib
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from actors.secrets.store import SecretStore
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import HiveError, bad_request, unavailable

TOKEN_DAYS = 365
"""How long a token of `claude setup-token` lasts."""

_WORD = re.compile(r"[!-~]+")
_FINGERPRINT_DIGITS = 12
_HELD = "+"


class CredentialKind(StrEnum):
    """An API key, or the long-lived token of a subscription (`claude setup-token`)."""

    KEY = "key"
    TOKEN = "token"  # noqa: S105 — the kind, not one


@dataclass(frozen=True, slots=True)
class Credential:
    """What all agents use that have no login of their own."""

    kind: CredentialKind
    value: str = field(repr=False)


class HiveCredentials:
    """Reads the credential, and knows the one that was read last.

    A container is marked with what it was started with: with the kind alone where `hive-proxy` adds the value, with a
    fingerprint as well where the container holds the value itself. `salt_file` keeps a fingerprint from being guessed.
    """

    def __init__(self, key_file: Path | None, secrets: SecretStore, salt_file: Path) -> None:
        self._key_file = key_file
        self._secrets = secrets
        self._salt_file = salt_file
        self.known: Credential | None = None
        self.token_ends_ms: int | None = None
        """When the token ends, taken for new when it was stored; None without one."""
        self._fingerprint = ""
        self._was_read = False

    def read(self) -> Credential | None:
        """The present one; `unavailable` when it cannot be read, and the one before stays known."""
        found = self._read()
        if found != self.known or not self._was_read:
            self.known, self._fingerprint, self._was_read = found, self._fingerprint_of(found), True
        self.token_ends_ms = self._token_end()
        return found

    def marker(self, credential: Credential | None, *, held: bool) -> str:
        """The mark of a container that is started with it. `held`: the container has the value in its environment."""
        if credential is None:
            return ""
        return credential.kind + (_HELD + self._fingerprint_of(credential) if held else "")

    def is_current(self, marker: str) -> bool:
        """Whether a container of this mark would be started with nothing else now."""
        if not self._was_read:
            with contextlib.suppress(HiveError):
                self.read()
        if self.known is None:
            return not marker or not self._was_read
        kind, held, fingerprint = marker.partition(_HELD)
        return kind == self.known.kind and (not held or fingerprint == self._fingerprint)

    def _token_end(self) -> int | None:
        if self.known is None or self.known.kind is not CredentialKind.TOKEN:
            return None
        stored = next((one.updated_ms for one in self._secrets.entries() if one.name == OAUTH_TOKEN), None)
        return None if stored is None else stored + TOKEN_DAYS * 24 * 3600 * 1000

    def _read(self) -> Credential | None:
        if self._key_file is not None:
            return Credential(CredentialKind.KEY, _word(self._key_text(self._key_file), "the API key"))
        try:
            token = self._secrets.value(OAUTH_TOKEN)
        except HiveError as error:
            if error.code == "not_found":
                return None
            raise
        return Credential(CredentialKind.TOKEN, _word(token, f"the secret {OAUTH_TOKEN}"))

    @staticmethod
    def _key_text(file: Path) -> str:
        try:
            return file.read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise unavailable(f"the API key cannot be read: {error}", "see claude_api_key_file") from None

    def _fingerprint_of(self, credential: Credential | None) -> str:
        if credential is None:
            return ""
        try:
            salt = self._salt_file.read_bytes()
        except OSError:
            salt = b""
        return hmac.digest(salt, credential.value.encode(), "sha256").hex()[:_FINGERPRINT_DIGITS]


def checked_token(value: str) -> str:
    """The token of a subscription as it is stored; `bad_request` for what no request could carry."""
    word = value.strip()
    if not _WORD.fullmatch(word):
        raise bad_request(f"the token {OAUTH_TOKEN} is one word of printable characters", "`hive login --all` gets one")
    return word


def _word(text: str, what: str) -> str:
    """It becomes a header of each request: one word, nothing that could end a line."""
    word = text.strip()
    if not _WORD.fullmatch(word):
        raise unavailable(f"{what} is no single word of printable characters", "replace it")
    return word

"""Secrets: values that agents use and nobody reads again. No reply holds a value."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from harness.wire.agent_config import check_secret_name
from harness.wire.model import Done, Record, Reply, Request
from harness.wire.operator_api.requests import Plain
from harness.wire.times import Timestamp
from harness.wire.verb import OPERATOR_ONLY, OPERATORS, Rows, Verb

MAX_VALUE_CHARACTERS = 64 * 1024
SecretName = Annotated[str, AfterValidator(check_secret_name)]


class SetSecret(Request):
    """Store `value` under `name`, in place of what was there. Agents have it from their next start."""

    cmd: Literal["set_secret"] = "set_secret"
    name: SecretName
    value: Annotated[str, Field(min_length=1, max_length=MAX_VALUE_CHARACTERS, repr=False)]


class DeleteSecret(Request):
    """`conflict` while a configuration in force refers to it, unless `force`."""

    cmd: Literal["delete_secret"] = "delete_secret"
    name: SecretName
    force: bool = False


class SecretRow(Record):
    """What may be told of a secret: `size` in bytes, `used_by` the agents and settings that refer to it."""

    name: str
    size: int
    updated_at: Timestamp
    used_by: list[str]


class SetSecretReply(Reply):
    """`used_by`: what refers to it and has the new value after its next start."""

    used_by: list[str]


class SecretsReply(Reply):
    """`missing`: names that a configuration in force refers to and that do not exist, each with who refers to it."""

    secrets: list[SecretRow]
    missing: dict[str, list[str]] = {}


SET_SECRET = Verb("set_secret", SetSecret, SetSecretReply, OPERATOR_ONLY)
SECRETS = Verb("secrets", Plain, SecretsReply, OPERATORS)
DELETE_SECRET = Verb("delete_secret", DeleteSecret, Done, OPERATOR_ONLY)

VERBS: Rows = (SET_SECRET, SECRETS, DELETE_SECRET)

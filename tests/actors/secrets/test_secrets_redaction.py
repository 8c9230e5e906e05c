"""Values of secrets in texts: found in the spellings that happen by themselves."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from actors.secrets.redaction import Redactor, forms_of, redact
from harness.wire.agent_api import Publish, Send, SetStatus, Whoami
from harness.wire.errors import ErrorCode, HiveError

VALUE = 'p@ss "word"/+ß~42'
PEM = "-----BEGIN KEY-----\nAbCdEfGhIjKlMnOpQrStUvWx\nshort\nYz0123456789abcdefghij\n-----END KEY-----\n"
VALUES = {"TOKEN": VALUE, "PEM": PEM, "SHORT": "ab1"}


def clean(text):
    return redact(text, forms_of(VALUES))


@pytest.mark.parametrize(
    "spelt",
    [
        VALUE,
        json.dumps(VALUE)[1:-1],
        json.dumps({"a": VALUE}),
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
    ],
)
def test_a_value_is_found_in_each_spelling(spelt):
    shown = clean(f"before {spelt} after")
    assert spelt not in shown
    assert shown.startswith("before ")
    assert "[secret:TOKEN]" in shown
    assert shown.endswith(" after")


@pytest.mark.parametrize("around", ["", "a", "ab", "abc", "user:", "Authorization: Bearer "])
def test_a_value_is_found_within_a_text_in_base64(around):
    coded = base64.b64encode(f"{around}{VALUE}{around}".encode()).decode()
    shown = clean(coded)
    assert "[secret:TOKEN]" in shown
    assert VALUE.encode()[2:-2] not in base64.b64decode(shown.replace("[secret:TOKEN]", "") + "===", validate=False)


def test_each_long_line_of_a_value_of_several_lines_is_found_and_its_frame_is_not():
    assert clean("key: YZ AbCdEfGhIjKlMnOpQrStUvWx") == "key: YZ [secret:PEM]"
    assert clean("-----BEGIN KEY-----") == "-----BEGIN KEY-----"
    assert clean("short") == "short"


def test_a_value_that_is_too_short_and_other_texts_stay():
    text = "ab1 and 'word' and p@ss"
    assert clean(text) == text
    assert redact(text, forms_of({})) == text


def test_the_longer_of_two_values_is_found_first():
    assert redact("secret-value-long", forms_of({"A": "secret-value", "B": "secret-value-long"})) == "[secret:B]"


def test_requests_are_cleaned_in_every_string_and_keep_their_type():
    redactor = Redactor(lambda: VALUES)
    sent = redactor.request(Send(to="bob", body=f"the password is {VALUE}"))
    assert sent == Send(to="bob", body="the password is [secret:TOKEN]")
    events = [{"kind": "stream", "message": {"deep": [{VALUE: [VALUE, 1, None, True]}]}}]
    published = redactor.request(Publish(events=events))
    word = "[secret:TOKEN]"
    assert published.events == [{"kind": "stream", "message": {"deep": [{word: [word, 1, None, True]}]}}]
    plain = Send(to="bob", body="hello")
    assert redactor.request(plain) is plain


@pytest.mark.parametrize(
    ("request_", "values"),
    [
        (Send(to="geheimnis", body="x"), {"A": "geheimnis"}),
        (SetStatus(text="abcdef" * 30), {"A_RATHER_LONG_NAME": "abcdef"}),
    ],
)
def test_a_request_that_is_none_without_the_value_is_refused_and_tells_no_value(request_, values):
    with pytest.raises(HiveError) as refusal:
        Redactor(lambda: values).request(request_)
    assert refusal.value.code is ErrorCode.BAD_REQUEST
    assert not any(value in str(refusal.value) for value in values.values())


def test_the_verb_of_a_request_is_never_taken_for_a_value():
    assert Redactor(lambda: {"A": "whoami"}).request(Whoami()) == Whoami()


def test_a_redactor_follows_its_values():
    values = {}
    redactor = Redactor(lambda: values)
    assert redactor.text("abcdef123") == "abcdef123"
    values["A"] = "abcdef"
    assert redactor.text("abcdef123") == "[secret:A]123"
    assert redactor.value({"abcdef": ["abcdef", 1]}) == {"[secret:A]": ["[secret:A]", 1]}

"""Links in agents' texts lead to public addresses, never into the operator's machine or network."""

import pytest

from web.presentation.links import is_public, safe_href, segments

INTO_THE_MACHINE = [
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "hive-abc.localhost:9999", "host.docker.internal", "printer.local", "nas", "nas:8080",
    "127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0X7F.1", "0177.0.0.1", "017700000001", "127.0.0.2:9999", "0.0.0.0", "0",
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.168.257", "169.254.169.254", "0xa9fea9fe", "100.64.0.1", "255.255.255.255", "224.0.0.1",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00::1]", "[fc00::1]", "[ff02::1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:db8::1]",
    "me@localhost", "example.com@127.0.0.1", "example.com:80@127.0.0.1:9999", "example.com%40127.0.0.1", "%6cocalhost", "127.0.0.1%2e", "１２７.0.0.1", "ｌocalhost",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127。0。0。1", "0x7f.1", "127.0.0.0x1", "1.2.3.4.5", "256.256.256.256", "localhost:80:80", "[::1", "", ":80", "a..localhost", ".localhost",
]  # fmt: skip

PUBLIC = [
    "example.org", "example.org:8443", "a.b-c.example.co.uk", "EXAMPLE.org", "example.org.", "8.8.8.8", "1.1.1.1:53", "[2606:4700::1111]", "[2606:4700::1111]:443",
    "xn--bcher-kva.example", "my_host.example.com", "192.169.1.1", "172.32.0.1", "me@example.org",
]  # fmt: skip


@pytest.mark.parametrize("host", INTO_THE_MACHINE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_link_into_the_machine_or_its_network_stays_text(scheme, host):
    url = f"{scheme}://{host}/steal?x=1"
    assert not is_public(url)
    assert safe_href(url) is None
    found = segments(f"look at {url} please")
    assert [one.href for one in found if one.href] == []
    assert "".join(one.text for one in found) == f"look at {url} please"


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\U000e0041", "\u3164", "\x1b", "\u2028"]
)
def test_what_hides_or_turns_text_round_is_shown_and_makes_no_link(character):
    shown = f"\\u{{{ord(character):x}}}"
    for text in (f"see https://example.org/{character}gro.knab", f"see {character}https://example.org/ now"):
        found = segments(text)
        assert "".join(one.text for one in found) == text.replace(character, shown)
        assert [one.href for one in found if one.href and character in one.href] == []
    assert safe_href(f"https://example.org/{character}x") is None


def test_emoji_and_other_scripts_stay_as_they_are():
    text = "Grüße 👩\u200d👩\u200d👧 ❤\ufe0f שלום می\u200cخواهم\u00a0!"
    assert "".join(one.text for one in segments(text)) == text


@pytest.mark.parametrize("host", PUBLIC)
def test_a_link_to_a_public_address_can_be_clicked(host):
    url = f"https://{host}/page"
    assert safe_href(url) == url
    assert [one.href for one in segments(f"see {url}.") if one.href] == [url]

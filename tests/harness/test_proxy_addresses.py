"""What counts as public, in every spelling; which patterns of hosts there are."""

from ipaddress import ip_address

import pytest
from pydantic import ValidationError

from harness.proxy.addresses import is_public, literal
from harness.proxy.dial import host_name
from harness.proxy.errors import RefusedError
from harness.wire.network import Network, NetworkMode, matches

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.0.9", "168.63.129.16", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "224.0.0.251",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1",
    "2002:c0a8:101::", "2001::1", "2001:db8::1", "100::1", "5f00::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
LOOPBACK_IN_OTHER_WORDS = ["2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "127.0.0.1.", "0x7f.1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_loopback_and_reserved_addresses_are_not_public(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_on_the_internet_are_public(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", LOOPBACK_IN_OTHER_WORDS)
def test_every_spelling_of_an_address_is_that_address(text):
    address = literal(text)
    assert address is not None
    assert not is_public(address)
    assert host_name(text) == "127.0.0.1"


def test_a_zone_does_not_hide_a_link_local_address():
    assert not is_public(literal("fe80::1%eth0"))


@pytest.mark.parametrize("text", ["", ".", "a b", "a\r\nb", "a\0b", "é" * 300, "-a", "a/b", "a@b", "[", "x" * 300])
def test_what_is_no_host_name_is_refused(text):
    with pytest.raises(RefusedError):
        host_name(text)


def test_a_host_name_has_one_spelling():
    assert host_name("ExAmple.ORG.") == "example.org"
    assert host_name("bücher.example") == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("pattern", "host", "is_match"),
    [
        ("example.org", "example.org", True),
        ("example.org", "EXAMPLE.org.", True),
        ("example.org", "www.example.org", False),
        ("*.example.org", "www.example.org", True),
        ("*.example.org", "a.b.example.org", True),
        ("*.example.org", "example.org", False),
        ("*.example.org", "badexample.org", False),
        ("*.example.org", "example.org.evil.test", False),
    ],
)
def test_a_pattern_matches_names_at_a_dot(pattern, host, is_match):
    assert matches(pattern, host) is is_match


@pytest.mark.parametrize(
    "pattern", ["*", "", "*.", "a.*.b", "https://a.b", "a b", "a/b", "a:443", "*evil", "..", "a\n"]
)
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(ValidationError):
        Network(mode="proxied", allow=[pattern])


def test_allow_without_the_proxy_is_refused():
    for mode in ("none", "host"):
        with pytest.raises(ValidationError):
            Network(mode=mode, allow=["example.org"])


def test_the_modes_say_what_they_allow():
    assert Network(mode="proxied").allows("example.org")
    assert not Network(mode=NetworkMode.NONE).allows("example.org")
    assert not Network(mode="proxied", allow=[]).allows("example.org")
    assert Network(mode="proxied", allow=["Example.Org."]).allows("example.org")

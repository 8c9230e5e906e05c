"""Figures as the terminal shows them."""

from actors.cli.output import clock
from harness.wire.times import from_ms


def test_a_row_without_a_time_shows_none():
    assert clock(from_ms(0)) == "-"
    assert clock(from_ms(1)) != "-"

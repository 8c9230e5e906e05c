"""No emoji: a font may lack them, and another paints them in colours of its own. Pictures come from one sprite."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "web"
TEXT_GLYPHS = "✓✗✕✧✦❯"
"""Dingbats that are text everywhere."""
EMOJI = re.compile(
    "[\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff]"
)
"""Characters with the property Emoji (Unicode, emoji-data), and its neighbours that fonts seldom have."""
FILES = [
    path for suffix in ("html", "js", "py", "css") for path in WEB.rglob(f"*.{suffix}") if "vendor" not in path.parts
]
SPRITE = WEB / "templates/layout/icons.html"
SYMBOLS = set(re.findall(r'<symbol id="icon-(\w+)"', SPRITE.read_text()))


def emoji(text):
    return [one for one in EMOJI.findall(text) if one not in TEXT_GLYPHS]


def test_the_search_knows_an_emoji_when_it_sees_one():
    assert emoji("▶ ⏳ ✉ ⚠ ↩ 🔔 ✓ ◆ ☃") == ["▶", "⏳", "✉", "⚠", "↩", "🔔", "☃"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_no_file_of_the_page_has_an_emoji(path):
    assert emoji(path.read_text()) == []


@pytest.mark.parametrize("path", sorted((WEB / "templates").rglob("*.html")), ids=lambda path: path.stem)
def test_every_icon_that_a_template_names_is_in_the_sprite(path):
    text = path.read_text()
    named = re.findall(r'"parts/icon", name="(\w+)"', text)
    named += re.findall(r'glyph="([a-z]{2,})"', text)
    assert set(named) <= SYMBOLS


def test_the_sprite_takes_the_colour_of_the_text_and_nothing_from_elsewhere():
    sprite = SPRITE.read_text()
    assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', sprite)) == {"none", "currentColor"}
    assert "://" not in sprite
    assert "<script" not in sprite
    assert " style=" not in sprite


def test_every_page_has_the_sprite_once_because_icons_from_another_file_take_seconds_in_a_long_table(site):
    page = site.get("/").text
    assert '<use href="#icon-more">' in page
    assert page.count('<symbol id="icon-more"') == 1
    assert not re.search(r'<use href="[^#]', page)

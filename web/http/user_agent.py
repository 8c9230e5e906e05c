"""A browser in the words of a person: `Firefox 134 on Linux` for what it says of itself. Pure."""

import re

BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS|Chromium)/(\d+)"),
    ("Safari", r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari/"),
)
"""Name → its mark, the most particular first: most browsers say that they are their forebears, too."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("ChromeOS", "CrOS"),
    ("macOS", "Mac OS X|Macintosh"),
    ("Linux", "Linux|X11"),
)


def named(text: str | None) -> str:
    """The browser, its version and its system, as far as they are known."""
    if not text:
        return "an unknown browser"
    found = next(((name, match[1]) for name, mark in BROWSERS if (match := re.search(mark, text))), None)
    if found is None:
        return text.split("(")[0].strip()[:40] or "an unknown browser"
    system = next((name for name, mark in SYSTEMS if re.search(mark, text)), None)
    return " ".join(found) + (f" on {system}" if system else "")

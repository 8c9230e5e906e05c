"""Amounts of bytes as people write them: `512M`, `2G`, `2GiB`, `1000000`. Powers of 1024. Standard library only."""

import re

_SIZE = re.compile(r"(\d{1,18})([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def read(value: str | int) -> int | None:
    """Bytes; None where `value` is no amount, is zero, or is more than a signed 64-bit number holds."""
    match = _SIZE.fullmatch(str(value).strip())
    size = 0 if match is None else int(match[1]) * _UNITS[match[2].upper()]
    return size if 0 < size < 2**63 else None


def words(size: int) -> str:
    """The largest unit in which the amount is not below 1, with one decimal where it is not whole."""
    for unit in ("T", "G", "M", "K"):
        if size >= _UNITS[unit]:
            return f"{round(size / _UNITS[unit], 1):g}{unit}"
    return str(size)

"""Replays programs that were played on Erlang/OTP's supervisor, and compares.

    python -m tests.actors.supervision.otp_replay FILE...

prints how many traces are equal, the first difference of each that is not, and exits non-zero then. A file has one
JSON object per line, `{"program": …, "expected": […]}`, and may be gzipped.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.actors.supervision.otp_play import Step, play

CORPUS = Path(__file__).parent / "otp" / "traces.jsonl.gz"


def read_traces(path: Path) -> Iterator[dict[str, Any]]:
    """The traces of a file, one by one."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    for line in content.splitlines():
        if line.strip():
            yield json.loads(line)


def difference(program: dict[str, Any], expected: list[Step]) -> str | None:
    """The first step in which ours differs, as text; None when all are equal."""
    actual = play(program)
    for number, (ours, theirs) in enumerate(zip(actual, expected, strict=False)):
        for field in ("op", "result", "log", "tree"):
            if ours[field] != theirs[field]:
                return f"step {number} ({theirs['op']}), {field}:\n  OTP  {theirs[field]}\n  ours {ours[field]}"
    if len(actual) != len(expected):
        return f"OTP made {len(expected)} steps, ours {len(actual)}"
    return None


def main(paths: list[str]) -> int:
    equal = different = 0
    for path in paths or [str(CORPUS)]:
        for trace in read_traces(Path(path)):
            found = difference(trace["program"], trace["expected"])
            if found is None:
                equal += 1
                continue
            different += 1
            print(f"program {trace['program'].get('id')}: {found}")
    print(f"equal {equal}, different {different}")
    return 1 if different or not equal else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m harness.rehearsal --port 0 --script NAME`: serve a script until SIGTERM or SIGINT.

Prints its URL as one line on stdout; with `--log` one line per request on stderr.
"""

import argparse
import signal
import sys
import threading

from .dialogue import Dialogue
from .script import ScriptError, ScriptStep, load
from .server import Rehearsal


def _watch(dialogue: Dialogue, step: ScriptStep) -> None:
    doing = step.fail or ", ".join(call.call for call in step.all_calls()) or f"says {(step.say or '')[:60]!r}"
    sys.stderr.write(
        f"{dialogue.agent} turn={len(dialogue.openings)} step={dialogue.position} model={dialogue.model}: {doing}\n"
    )
    sys.stderr.flush()


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 when the script cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m harness.rehearsal", description="The scripted model on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--script", default="default", help="a file, or a name below harness/rehearsal/scripts")
    parser.add_argument("--log", action="store_true", help="one line per request on stderr")
    options = parser.parse_args(argv)
    try:
        rules = load(options.script)
    except ScriptError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Rehearsal(rules, port=options.port, watch=_watch if options.log else None) as rehearsal:
        sys.stdout.write(f"{rehearsal.url}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Plays fresh random programs on the Erlang that is installed, and compares ours with it.

python -m tests.actors.supervision.otp_live [COUNT [SEED]]        compare
python -m tests.actors.supervision.otp_live COUNT SEED FILE       write the traces as a corpus file too
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.actors.supervision.otp_generate import Generator
from tests.actors.supervision.otp_replay import difference

PLAYER = Path(__file__).parent / "otp" / "player.erl"


def play_on_erlang(programs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The steps of each program on OTP's own supervisor."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["erlc", "-o", folder, str(PLAYER)], check=True)
        terms = Path(folder) / "programs"
        terms.write_text("".join(f"{_program(program)}.\n" for program in programs))
        run = ["erl", "-noshell", "-pa", folder, "-run", "player", "main", str(terms)]
        played = subprocess.run(run, check=True, capture_output=True, text=True, timeout=600)
    return [json.loads(line) for line in played.stdout.splitlines()]


def _program(program: dict[str, Any]) -> str:
    ops = ",".join(map(_op, program["ops"]))
    return f"{{{_flags(program['flags'])},[{','.join(map(_child, program['children']))}],[{ops}]}}"


def _flags(flags: dict[str, Any]) -> str:
    return f"{{{flags['strategy']},{flags['intensity']},{flags['auto_shutdown']}}}"


def _child(child: dict[str, Any]) -> str:
    head = f'{child["kind"]},"{child["id"]}",{child["restart"]},{str(child["significant"]).lower()}'
    if child["kind"] == "supervisor":
        return f"{{{head},{_flags(child['flags'])},[{','.join(map(_child, child['children']))}]}}"
    return f"{{{head},{json.dumps(child['fail_starts'])}}}"


def _op(op: dict[str, Any]) -> str:
    path = json.dumps(op.get("path", op.get("sup"))[1:])
    match op["op"]:
        case "die":
            return f"{{die,{path},{op['reason']}}}"
        case "start_child":
            return f"{{start_child,{path},{_child(op['child'])}}}"
        case name:
            return f"{{{name},{path},{json.dumps(op['id'])}}}"


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 500
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(2**32)
    generator = Generator(seed)
    programs = [generator.program() | {"id": number} for number in range(count)]
    played = play_on_erlang(programs)
    different = 0
    for program, expected in zip(programs, played, strict=True):
        found = difference(program, expected)
        if found is not None:
            different += 1
            print(f"seed {seed} program {program['id']}: {found}")
    print(f"seed {seed}: equal {count - different}, different {different}")
    if len(arguments) > 2:
        lines = [{"program": program, "expected": expected} for program, expected in zip(programs, played, strict=True)]
        Path(arguments[2]).write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

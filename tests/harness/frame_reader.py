"""A strict reader of prompts, written from what the system prompt says about frames and not from the code."""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"\(The frames in this text have the key ([0-9a-f]{16})\.\)")
_OPENING = re.compile(r'<(message|notes|quote)((?: [a-z-]+="[^"<>]*")*) key="([^"]*)">')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"<>]*)"')
_CODE_POINT = re.compile(r"\\u\{([0-9a-f]+)\}")


@dataclass
class Frame:
    tag: str
    attributes: dict[str, str]
    lines: list[str] = field(default_factory=list)
    quotes: "list[Frame]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words of the writer."""
        return _decoded("\n".join(self.lines))


def read(prompt: str) -> tuple[list[Frame], list[str]]:
    """The frames of a prompt and the lines of the hive between them. ValueError where the form is not kept."""
    first, *lines = prompt.split("\n")
    heading = _HEADING.fullmatch(first)
    if heading is None:
        raise ValueError(f"no heading: {first!r}")
    key, found, own, open_frames = heading[1], [], [], []
    for line in lines:
        opening = _OPENING.fullmatch(line)
        if line == ">" or line.startswith("> "):
            if not open_frames:
                raise ValueError(f"words outside of a frame: {line!r}")
            open_frames[-1].lines.append(line[2:])
        elif opening is not None and opening[3] == key:
            frame = Frame(opening[1], {name: _decoded(value) for name, value in _ATTRIBUTE.findall(opening[2])})
            (open_frames[-1].quotes if open_frames else found).append(frame)
            open_frames.append(frame)
        elif open_frames and line == f'</{open_frames[-1].tag} key="{key}">':
            open_frames.pop()
        elif open_frames:
            raise ValueError(f"a line without its mark: {line!r}")
        else:
            own.append(line)
    if open_frames:
        raise ValueError("a frame without an end")
    return found, [line for line in own if line]


def _decoded(text: str) -> str:
    return _CODE_POINT.sub(lambda found: chr(int(found[1], 16)), text)

"""The actor tree as a drawing: the place of each node and the tone of its state. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.wire.operator_rows import TreeNode
from web.presentation.agent_state import STYLES
from web.presentation.state_style import StateStyle, Tone

COLUMN, LINE, MARGIN = 190, 30, 14
NODE_WIDTH, NODE_HEIGHT = 164, 22
LABEL_CHARACTERS = 19


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node with its place, the middle of its left edge, and the line to its parent."""

    node: TreeNode
    path: str
    """Names from the root down, joined by slashes; unique."""
    depth: int
    x: int
    y: float
    link: str
    """SVG path data, empty for the root."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All nodes and the size of the drawing in pixels."""

    nodes: list[PlacedNode]
    width: int
    height: int


def draw(root: TreeNode) -> Drawing:
    """The drawing of a tree: depth goes right, leaves go down, a parent is centred on its children."""
    placed: list[PlacedNode] = []
    lines = _place(root, root.name, 0, 0, placed)
    depth = max(node.depth for node in placed)
    return Drawing(placed, MARGIN * 2 + depth * COLUMN + NODE_WIDTH, int(MARGIN * 2 + lines * LINE))


def walk(node: TreeNode, path: str = "", depth: int = 0) -> Iterator[tuple[str, int, TreeNode]]:
    """Every node with its path and depth, parents first."""
    here = f"{path}/{node.name}" if path else node.name
    yield here, depth, node
    for child in node.children:
        yield from walk(child, here, depth + 1)


def _place(node: TreeNode, path: str, depth: int, line: int, placed: list[PlacedNode]) -> int:
    """Place the children of `node` from `line` down, then `node` at their middle; the number of lines taken."""
    first = len(placed)
    taken = 0
    for child in node.children:
        taken += _place(child, f"{path}/{child.name}", depth + 1, line + taken, placed)
    heights = [one.y for one in placed[first:] if one.depth == depth + 1]
    y = (heights[0] + heights[-1]) / 2 if heights else MARGIN + line * LINE + NODE_HEIGHT / 2
    x = MARGIN + depth * COLUMN
    placed[first:] = [
        replace(one, link=_link(x + NODE_WIDTH, y, one.x, one.y)) if one.depth == depth + 1 else one
        for one in placed[first:]
    ]
    placed.append(PlacedNode(node, path, depth, x, y, ""))
    return max(1, taken)


def _link(x1: int, y1: float, x2: int, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"M{x1} {y1:.1f}C{middle} {y1:.1f} {middle} {y2:.1f} {x2} {y2:.1f}"


_GLYPHS = {"supervisor": "◆", "process": "▣"}


def tone(node: TreeNode) -> str:
    """The tone of a node: down is bad, an agent that is not well and a restart deserve attention, the rest is well."""
    if node.condition is not None:
        return _style(node.condition).tone.value
    word = node.state.partition(",")[0]
    if word in ("down", "failed", "parked", "stopped", "exited") or (node.last_error and node.restarts == 0):
        return Tone.BAD.value
    if word == "stuck":
        return Tone.ATTENTION.value
    if node.busy_seconds is not None and node.busy_seconds >= 1:
        return Tone.BUSY.value
    return (Tone.WAIT if node.restarts else Tone.OK).value


def glyph(node: TreeNode) -> str:
    """The glyph of a node: that of its agent's condition, else that of its kind."""
    if node.condition is not None:
        return _style(node.condition).glyph
    return _GLYPHS.get(node.kind, "·")


def _style(condition: str) -> StateStyle:
    word = "rate limited" if condition == "limited" else condition
    return STYLES.get(word, StateStyle(word, "?", Tone.ATTENTION))

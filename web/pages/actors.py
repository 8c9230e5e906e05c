"""`/actors`: the supervised tree, as a nested list and as a drawing of the same nodes."""

from collections.abc import Mapping
from typing import Any

from web import layout
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.presentation import titles, tree_drawing
from web.sections.section import Section, refresh, render


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:  # noqa: ARG001
    """The tree, which is never cached."""
    tree = app.rows.tree()
    nodes = list(tree_drawing.walk(tree))
    return {
        "tree": tree,
        "drawing": tree_drawing.draw(tree),
        "tone": tree_drawing.tone,
        "glyph": tree_drawing.glyph,
        "count": len(nodes),
        "restarts": sum(node.restarts for _, _, node in nodes),
        "node_size": (tree_drawing.NODE_WIDTH, tree_drawing.NODE_HEIGHT, tree_drawing.LABEL_CHARACTERS),
    }


SECTION = Section("tree", titles.TREE, "sections/tree", (topics.TREE, topics.AGENTS), fetch)


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """The page."""
    body = render(app, SECTION, request)
    return layout.page(
        app, request, "pages/actors", title="actors · hive", styles=("css/pages/tree.css",), section=body
    )


def section(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/section/tree`: the tree alone, for an open page."""
    return refresh(app, SECTION, request)

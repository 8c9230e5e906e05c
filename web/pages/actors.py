"""`/actors`: the supervised tree, as a nested list and as a drawing of the same nodes."""

from collections.abc import Mapping
from typing import Any

from web import section as sections_
from web import topics, treeview, words
from web.pages import layout
from web.section import Section
from web.services import Services
from web.visit import Answer, Visit


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:  # noqa: ARG001
    """The tree, read afresh."""
    tree = services.reads.tree()
    nodes = list(treeview.walk(tree))
    return {
        "tree": tree,
        "drawing": treeview.draw(tree),
        "tone": treeview.tone,
        "count": len(nodes),
        "restarts": sum(node.restarts for _, _, node in nodes),
        "node_size": (treeview.NODE_WIDTH, treeview.NODE_HEIGHT, treeview.LABEL_CHARACTERS),
    }


SECTION = Section("tree", words.TREE, "tree", (topics.TREE, topics.AGENTS), fetch)


def show(services: Services, visit: Visit) -> Answer:
    """The page."""
    body = sections_.render(services, SECTION, visit)
    return layout.page(services, visit, "actors", title="actors · hive", styles=("tree.css",), section=body)


def tree(services: Services, visit: Visit) -> Answer:
    """`/section/tree`: the tree afresh."""
    return sections_.answer(services, SECTION, visit)

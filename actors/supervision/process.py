"""Placeholder so that the name can be imported while it is built."""

from actors.supervision.actor import Actor


class ProcessActor(Actor):
    """An OS process as a child."""

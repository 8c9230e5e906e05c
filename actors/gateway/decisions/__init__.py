"""Verbs on approvals: deciding, proposing, and what is noted beside the decision."""

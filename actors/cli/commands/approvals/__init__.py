"""Proposals: what waits, what each changes, the decision, and proposing."""

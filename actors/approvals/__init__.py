"""The approval queue: no agent changes its shape without the operator's approval."""

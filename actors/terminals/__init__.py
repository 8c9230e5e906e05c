"""Terminals: the operator's shells inside containers, each on a pseudo-terminal, shared by viewers, recorded."""

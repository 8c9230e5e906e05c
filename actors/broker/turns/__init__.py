"""The turns of the agents: which messages each was given, and which turn an agent is in."""

"""The orders to start and to end agents: one at a time, or many with the manager first."""

"""The agents: which exist, their life cycle, their work, their logs."""

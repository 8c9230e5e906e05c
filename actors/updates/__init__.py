"""Updates: which revision this hive is, and the look, at its start, for agents that still run an older one."""

"""Updates: the revision of this hive, and the scan at its start for agents that still run an older one."""

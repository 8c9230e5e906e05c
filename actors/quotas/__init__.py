"""Disk quotas: what each agent has on the disk, and what follows when it is too much."""

"""Rows that cannot be read: which there are, and deleting one."""

"""The two databases: for each one native writing thread with group commit, and read-only connections."""

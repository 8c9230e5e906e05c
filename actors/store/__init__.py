"""The two databases: one native writing thread each with group commit, read-only connections beside it."""

"""The Claude Code CLI: how it is started, spoken to, read and ended.

`session` is one running CLI; `transport` its process; `command` its command line and environment; `permissions` what it
may do; `frames`, `tally` and `outcome` read what it prints; `session_file` keeps its session id between starts.
"""

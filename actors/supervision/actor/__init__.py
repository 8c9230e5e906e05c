"""One actor: its loop, its mailbox, its phases, its timers, and what the supervision system tells it."""

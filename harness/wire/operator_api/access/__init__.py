"""Who is let in, and with what: browsers, outside sessions, secrets."""

"""What the operator does with this harness: `channel` receives commands, `login` runs a login."""

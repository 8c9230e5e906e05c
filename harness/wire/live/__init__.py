"""What a harness reports while it works, beside what `harness.wire.events` has of it."""

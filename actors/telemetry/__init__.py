"""What agents did: live events, turns and the series that are charted from them."""

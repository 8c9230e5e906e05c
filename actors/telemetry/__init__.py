"""What agents did: live events, turns, and the series that charts show."""

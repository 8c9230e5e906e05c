"""The text Claude reads: `messages` renders mail, `wake` opens a turn, `system` describes the agent's role."""

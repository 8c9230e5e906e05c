"""The request that only checks whether the model answers; it belongs to no agent's conversation."""

SYSTEM_PROMPT = "This request only checks that the model answers. Reply with the word ok."
PROMPT = "Reply with the word ok."

"""The approval queue: nothing that changes the shape of an agent happens without the operator's yes."""

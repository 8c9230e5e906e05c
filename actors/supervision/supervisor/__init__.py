"""The supervisor: what a child is, what is decided when one ends, and who carries the decision out."""

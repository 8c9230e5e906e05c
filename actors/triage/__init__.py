"""What the operator has put off, and how long the operator takes to decide."""

"""What needs the operator: read from every component, ranked, each with its command."""

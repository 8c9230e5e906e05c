"""Commands of the section "Set up"."""

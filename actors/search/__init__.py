"""Full-text search over what was said, done, asked and decided."""

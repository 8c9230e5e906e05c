"""Failed turns: what they mean for their messages, the mail about them, and the table that keeps them."""

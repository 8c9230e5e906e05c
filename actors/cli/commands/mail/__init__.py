"""Messages, dead letters, questions and reminders."""

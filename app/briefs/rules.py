"""When a brief is open, what it must say before it is published, and what it must not. Pure."""

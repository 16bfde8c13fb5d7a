"""The keyholder: what it makes, what it gives to whom, and what it refuses."""

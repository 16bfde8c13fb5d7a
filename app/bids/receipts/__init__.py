"""Receipts that anybody may check: against the keys that the service publishes, and against nothing else it holds."""

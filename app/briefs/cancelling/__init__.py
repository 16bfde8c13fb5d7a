"""Cancelling a published brief: asked for with a reason, agreed by another person, and told to all invited only then."""

"""Drafts that were never submitted: their bidders are told once the close is certain to be the one that counts."""

"""Bids that a material change of their brief leaves unconfirmed. That is derived, never stored, and known to its bidder alone."""

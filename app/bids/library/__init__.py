"""An organisation's own answers, to be used again: what it kept for later, and what its opened bids said.

Kept answers are sealed to the organisation like its letters, and nobody else ever sees them.
"""

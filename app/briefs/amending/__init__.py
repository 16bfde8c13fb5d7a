"""Changing a brief that is published: proposed by one person, published by another, told to all invited at once, and never undone.

Each change makes a new version. A minor one is a notice; a material one asks every bidder to confirm, and gives them time to. The
deadline only ever moves away, but for an early close, to which everybody invited has given its answer.
"""

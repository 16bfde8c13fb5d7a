"""Partners in a bid: its lead asks each of them, and each one's owner agrees to its share and part, or does not.

Only the two of them know of it, because that there is a bid is part of the seal.
"""

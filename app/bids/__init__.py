"""Sealed bids.

draft -> submitted, replaced or withdrawn until the deadline, then sealed, then opened by two people. The envelope (models)
says that a bid exists; the letter inside (sealed) is encrypted, in a table of its own that only this room's queries and
commands may import. Nobody but the bidder learns before the opening even that a bid exists. A bid received for a version of the
brief before a material change is not confirmed (`confirming`), which is derived and known to its bidder alone.

What a letter says is in `letters`, its price in `pricing`; whom it may name in `naming` and `partners`, who are asked in
`partnering`. `library` keeps answers for the next bid, and `boards` shows what there is to bid for.
"""

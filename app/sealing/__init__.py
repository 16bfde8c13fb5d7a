"""With what bids are sealed, and whom to ask for what a session cannot open itself.

Each brief and each bidding organisation has a pair of keys. The public ones are rows here, and all that the web processes
have; the private ones are wrapped by the keyholder, a process of its own, behind the small interface in `asking`.
"""

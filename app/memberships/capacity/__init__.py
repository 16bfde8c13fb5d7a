"""Capacity and waiting time: what a member says of each therapy in a lot and region, as of a moment.

Said, and said again: each time is a row, the newest counts, and after 28 days it has gone stale. Nobody is refused anything
for it; buyers see the figure with its date.
"""

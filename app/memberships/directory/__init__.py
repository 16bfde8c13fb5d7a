"""The directory: who is approved for what, near where, and who of them can be used today.

For those who call off and for those who lead. It needs no competition, so a list of approved providers works by it alone.
"""

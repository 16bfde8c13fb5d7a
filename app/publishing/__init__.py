"""Publishing: what anybody may read without signing in.

A provider that chose to be listed has a card a family can read. Off by default; what is on it comes from the provider's own
profile and what it states of its waiting times, never from frameworks, prices, bids or checks.
"""

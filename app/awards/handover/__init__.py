"""Handing the full referral over: to the provider that won, once its owner has signed for it, and to nobody else.

Each opening is written down in the brief's own history, where its agency sees it.
"""

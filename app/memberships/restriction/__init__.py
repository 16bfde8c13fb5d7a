"""Restricting a provider: proposed by one person, decided by another, and lifted again by two.

While it lasts the one eligibility function refuses every membership; nothing else is changed, so that lifting it restores
nothing blindly. The provider reads the words written for it, agencies that rely on it that it is restricted; the grounds
are for those who decide, and for auditors.
"""

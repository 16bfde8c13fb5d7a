"""What a member charges for each unit of a lot: taken over from its accepted application, changed by one side and the other.

Nothing is above the lot's ceiling, and what the framework fixes is no member's to change. The card is one for a provider and a
lot, in all its regions; each price is kept with the days from which it held.
"""

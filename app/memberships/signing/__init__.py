"""The agreement between a provider and a framework's lead: signed by the one, countersigned by the other, or put on hold.

A provider signs once for all its memberships of a framework that wait, and so does the lead. Where the framework wants both,
a membership is open once both have signed the same text; until then the lead may put the agreement on hold. What is open
already is never held: to suspend a member takes two people.
"""

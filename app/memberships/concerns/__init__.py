"""A concern about a member: put to it in writing, answered by it, and decided by the framework's lead.

A plan to put it right comes before an end for performance. A suspension takes the lead and somebody who assures quality, an end
two leads. A suspension with a last day is over by itself on the day after; whether the member may then act is for the one
eligibility function, which knows its documents too.
"""

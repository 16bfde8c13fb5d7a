"""From the opening to the letters.

Assessors declare their interests against everyone invited, before anything is opened; two people open; assessors score
alone, each score with its reason, and see nobody else's until they have submitted their own; an award is proposed by rank
or with a recorded reason, approved by somebody else, and every bidder's letter leaves in that one transaction.
"""

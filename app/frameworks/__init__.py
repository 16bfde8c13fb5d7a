"""A framework is data: what its file states (rules.facts), and the rounds in which providers may join.

draft -> approved -> live -> ended, derived from moments and days. A draft is built part by part; a second person's approval
freezes all it states under one digest. An agency that is not on the call-off list cannot publish a brief: the rule says so and
a foreign key makes it so.
"""

"""A framework is data: lots, regions, rule set, who may call off, rounds in which providers may join.

draft -> approved -> live -> ended, derived from moments and days. Its criteria and the evidence its lots require are stored
with it. An agency that is not on the call-off list cannot publish a brief: the rule says so and a foreign key makes it so.
"""

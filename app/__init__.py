"""Adoption support portal: providers register once, agencies rely on the same checks, and every contest is fair and provable.

Therapy providers keep one profile and one set of due-diligence documents; frameworks admit them lot by lot and region by
region; regional adoption agencies publish mini-competition briefs; members send sealed bids; two people open them; assessors
score; every bidder gets reasons.

Read the rooms from the ground up, each one's `__init__` first:
settings, core, web, accounts, organisations, providers, evidence, frameworks, memberships, applications, briefs, bids,
awards, home, main. A room imports only from rooms below it; the test command refuses anything else.
"""

"""Alerts: a search that a person has saved, and how often they hear of new briefs that fit it.

An alert shows nobody more than they may see: only briefs to which one of their own providers is invited.
"""

"""Assessing applications by score and rule: assessors, their marks, the agreed mark, what passes by itself, and the ranking.

Assessors of a round declare their interests and score alone; when all marks of an application are in, the lead records the
agreed ones. Rules say what passes by itself; nothing is refused by itself, and every decision is a person's.
"""

"""Who scores applications and when, what marks come to, what passes by itself, and who comes where. Pure."""

from app.applications.scoring.rules.checks import Check, all_pass, answered, changed, evidenced, scored
from app.applications.scoring.rules.marks import (
    LEAST_ASSESSORS,
    NOTED_SPREAD,
    ScoredQuestion,
    Tally,
    Verdict,
    needs_note,
    tally,
)
from app.applications.scoring.rules.ranking import Candidate, Ranked, Standing, ranking
from app.applications.scoring.rules.refusing import (
    Sheets,
    why_not_accept,
    why_not_agree,
    why_not_break_tie,
    why_not_declare,
    why_not_ground,
    why_not_moderate,
    why_not_name,
    why_not_release,
    why_not_score,
    why_not_submit,
    why_not_with_interest,
)

__all__ = [
    "LEAST_ASSESSORS",
    "NOTED_SPREAD",
    "Candidate",
    "Check",
    "Ranked",
    "ScoredQuestion",
    "Sheets",
    "Standing",
    "Tally",
    "Verdict",
    "all_pass",
    "answered",
    "changed",
    "evidenced",
    "needs_note",
    "ranking",
    "scored",
    "tally",
    "why_not_accept",
    "why_not_agree",
    "why_not_break_tie",
    "why_not_declare",
    "why_not_ground",
    "why_not_moderate",
    "why_not_name",
    "why_not_release",
    "why_not_score",
    "why_not_submit",
    "why_not_with_interest",
]

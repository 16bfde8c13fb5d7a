"""What is written down about the scoring of applications."""

from app.core.audit import declare

ASSESSOR_NAMED = declare("round.assessor_named", "named {name} to score applications of {round}")
ASSESSOR_RELEASED = declare("round.assessor_released", "took {name} off the assessors of {round}")
DECLARED = declare(
    "round.interests_declared", "declared how they stand to {count} applicants, with {interests} interests"
)
MARKS_SAVED = declare("application.marks_saved", "saved their marks")
MARKS_SUBMITTED = declare("application.marks_submitted", "submitted their marks")
MARKS_AGREED = declare("application.marks_agreed", "recorded the agreed marks")
TIE_BROKEN = declare("application.tie_broken", "gave a reason to put {lot}, {region} before those it ties with")

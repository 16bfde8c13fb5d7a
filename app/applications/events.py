"""What is written down about applications and their parts."""

from app.core.audit import declare

STARTED = declare("application.started", "started an application of {provider} to {framework}, {round}")
LOTS_CHOSEN = declare("application.lots_chosen", "chose the lots and regions: {count} in all")
STATEMENT_WRITTEN = declare("application.statement_written", "wrote the statement")
ANSWERS_CARRIED = declare("application.answers_carried", "carried over answers given before: {count} in all")
ANSWERED = declare("application.answered", "wrote answers under “{section}”: {count} in all")
ANSWERS_CONFIRMED = declare(
    "application.answers_confirmed", "confirmed answers carried over under “{section}”: {count} in all"
)
PRICED = declare("application.priced", "wrote prices: {count} in all")
CARRIED = declare("application.carried", "carried over what was written for {round}")
READY = declare("application.ready", "asked for the application to be certified by {certifiers}")
WRITING_AGAIN = declare("application.writing_again", "went on writing before anybody had submitted it")
CERTIFIED = declare("application.certified", "certified the application, the first of two people")
SUBMITTED = declare("application.submitted", "submitted the application, SHA-256 {sha256}")
CHANGE_REQUESTED = declare("application.change_requested", "asked for a change: {item}")
CHANGE_MADE = declare("application.change_made", "made the change asked for: {item}")
WITHDRAWN = declare("application.withdrawn", "withdrew the application")
TAKEN_BACK = declare(
    "application.taken_back", "took the application back; what was submitted, SHA-256 {sha256}, is kept"
)
HANDED_BACK = declare(
    "application.handed_back",
    "cancelled the round, so what was submitted, SHA-256 {sha256}, is a draft again, and kept",
)
RESTORED = declare("application.restored", "restored the application that had been withdrawn")
WISHED = declare("application.wished", "asked to be told when {provider} can add lots or regions in {framework}")
PART_ACCEPTED = declare("application.part_accepted", "accepted {lot}, {region}")
REFUSAL_PROPOSED = declare("application.refusal_proposed", "proposed to refuse {lot}, {region}: {reason}")
REVIEW_ASKED = declare("application.review_asked", "asked to look again at {lot}, {region}")
REVIEWED = declare("application.reviewed", "looked again at {lot}, {region}: the refusal is {outcome}")
PART_REFUSED = declare("application.part_refused", "confirmed the refusal of {lot}, {region}: {reason}")
ASSESSOR_NAMED = declare("round.assessor_named", "named {name} to score applications of {round}")
ASSESSOR_RELEASED = declare("round.assessor_released", "took {name} off the assessors of {round}")
DECLARED = declare(
    "round.interests_declared", "declared how they stand to {count} applicants, with {interests} interests"
)
MARKS_SAVED = declare("application.marks_saved", "saved their marks")
MARKS_SUBMITTED = declare("application.marks_submitted", "submitted their marks")
MARKS_AGREED = declare("application.marks_agreed", "recorded the agreed marks")
TIE_BROKEN = declare("application.tie_broken", "gave a reason to put {lot}, {region} before those it ties with")

UNTOLD = frozenset(event.name for event in (REFUSAL_PROPOSED, MARKS_SAVED, MARKS_SUBMITTED, MARKS_AGREED, TIE_BROKEN))
"""What is not told to the provider: it learns of decisions, and not who scored it or proposed what."""

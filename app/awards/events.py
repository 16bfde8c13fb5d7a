"""What happens between the opening and the letters, in sentences. No event names a bidder, a score or a price.

What concerns one bid has that bid for its subject and no brief beside it, so that an assessor with an interest in its provider
does not read its history in the brief's.
"""

from app.core.audit import declare

ASSESSOR_ASKED = declare("assessor.asked", "asked {name} to assess the bids")
ASSESSOR_RELEASED = declare("assessor.released", "took {name} off the assessors")
INTERESTS_DECLARED = declare("assessor.declared", "declared their interests before seeing any bid")
OPENING_APPROVED = declare("opening.approved", "approved the opening of the bids, the first of two people")
GLASS_BROKEN = declare(
    "opening.out_of_order", "announced that the bids may be opened out of order, and everybody was told: {reason}"
)
GLASS_MENDED = declare(
    "opening.out_of_order_taken_back", "took back that the bids may be opened out of order, and everybody was told"
)
BIDS_OPENED = declare(
    "opening.completed", "approved the opening as the second person, and the bids were opened: {count}"
)
BID_EXCLUDED = declare("bid.excluded", "opened the bids, and this one was excluded: {reason}")
BID_UNCONFIRMED = declare(
    "bid.expired_unconfirmed",
    "opened the bids, and this one was put aside: it was not confirmed after version {version} of the brief",
)
QUALITY_ASSESSED = declare(
    "assessment.finished", "recorded that the quality of the bids is assessed; the SHA-256 of all marks is {sha256}"
)
PRICES_APPROVED = declare("prices.approved", "approved the opening of the prices, the first of two people")
PRICES_OPENED = declare("prices.opened", "approved the opening as the second person, and the prices were opened")
READING_BEGUN = declare("assessment.begun", "opened the bids to read them")
BID_READ = declare("assessment.bid_read", "opened this bid to read it")
SCORES_SAVED = declare("assessment.scores_saved", "saved their scores of this bid")
SCORES_SUBMITTED = declare("assessment.submitted", "submitted their scores, which are now locked")
AWARD_PROPOSED = declare("award.proposed", "proposed an award")
AWARD_APPROVED = declare("award.approved", "approved the award, and all letters left together: {count}")
AWARD_REJECTED = declare("award.rejected", "rejected the proposed award")
LETTER_SENT = declare("letter.sent", "sent this outcome letter, whose SHA-256 is {sha256}")

"""What is written down about bids: that something happened, and a digest; never what a letter says.

The subject is the bid and nothing else, so that no timeline of a brief or an agency shows that a bid exists.
"""

from typing import Final

from app.core.audit import declare

STARTED = declare("bid.started", "started a bid for brief {reference}")
SAVED = declare("bid.saved", "saved a draft of the bid for brief {reference}")
SUBMITTED = declare(
    "bid.submitted", "submitted the bid for brief {reference}; receipt {receipt}, SHA-256 {content_sha256}"
)
REPLACED = declare(
    "bid.replaced", "replaced the bid for brief {reference}; receipt {receipt}, SHA-256 {content_sha256}"
)
CONFIRMED = declare(
    "bid.confirmed", "confirmed the bid for the changed brief {reference}; receipt {receipt}, SHA-256 {content_sha256}"
)
WITHDRAWN = declare("bid.withdrawn", "withdrew the bid for brief {reference}")
LAPSED = declare("bid.lapsed", "withdrew the bid for brief {reference}, because the membership has ended")
UNSENT = declare("bid.unsent", "found a draft of the bid for brief {reference} that was not submitted when it closed")
ASSIGNED = declare("bid.assigned", "gave the work on the bid to {name}")
ANSWER_KEPT = declare("bid.answer_kept", "kept an answer of the bid for brief {reference} for later")
ANSWER_FORGOTTEN = declare("bid.answer_forgotten", "took an answer that was written for this bid out of the library")
PARTNER_ASKED = declare("bid.partner_asked", "asked {partner} to be a partner in the bid for brief {reference}")
PARTNER_AGREED = declare("bid.partner_agreed", "agreed for {partner} to be a partner in the bid for brief {reference}")
PARTNER_DECLINED = declare(
    "bid.partner_declined", "declined for {partner} to be a partner in the bid for brief {reference}"
)
PARTNER_TOOK_BACK = declare(
    "bid.partner_took_back", "took back for {partner} that it agreed to be a partner in the bid for brief {reference}"
)
PARTNER_LEFT_OUT = declare(
    "bid.partner_left_out",
    "sent the bid for brief {reference} without {partner}, who is no longer asked to be a partner",
)

OF_PARTNERS: Final = frozenset(
    event.name for event in (PARTNER_ASKED, PARTNER_AGREED, PARTNER_DECLINED, PARTNER_TOOK_BACK, PARTNER_LEFT_OUT)
)
OF_THE_BIDDER: Final = OF_PARTNERS | frozenset(
    event.name
    for event in (
        STARTED,
        SAVED,
        SUBMITTED,
        REPLACED,
        CONFIRMED,
        WITHDRAWN,
        LAPSED,
        UNSENT,
        ASSIGNED,
        ANSWER_KEPT,
        ANSWER_FORGOTTEN,
    )
)

EARLY_CLOSE_ASKED = declare(
    "brief.early_close_asked", "asked to close brief {reference} early, once all invited have answered"
)
EARLY_CLOSE_TRIED = declare(
    "brief.early_close_tried", "tried to close brief {reference} early: not every invited member had answered"
)
EARLY_CLOSE_DROPPED = declare("brief.early_close_dropped", "no longer wishes to close brief {reference} early")
"""These are about the brief: its agency reads them, and they tell what the agency was told."""

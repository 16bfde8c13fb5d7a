"""What is written down about briefs."""

from typing import Final

from app.core.audit import declare

DRAFTED = declare("brief.drafted", "wrote the brief {reference}")
REVISED = declare("brief.revised", "changed the draft of brief {reference}")
PUBLISHED = declare("brief.published", "published brief {reference}, closing on {closes_at}, and invited {invited}")
CANCELLED = declare("brief.cancelled", "cancelled brief {reference}: {reason}")
CANCEL_ASKED = declare("brief.cancel_asked", "asked to cancel brief {reference}: {reason}")
CANCEL_DECLINED = declare("brief.cancel_declined", "declined to cancel brief {reference}: {reason}")
CANCEL_DROPPED = declare("brief.cancel_dropped", "no longer wishes to cancel brief {reference}")
WITHDRAWN = declare("brief.withdrawn", "withdrew the draft of brief {reference}: {reason}")
NO_SUITABLE_BID = declare(
    "brief.no_suitable_bid", "ended brief {reference} without an award, no bid being suitable: {reason}"
)
DECLINED = declare("brief.declined", "said “not this time” to brief {reference}: {reason}")
AMENDMENT_PROPOSED = declare("brief.amendment_proposed", "proposed a {kind} change of brief {reference}: {changed}")
AMENDMENT_DROPPED = declare("brief.amendment_dropped", "dropped a proposed change of brief {reference}: {changed}")
AMENDED = declare(
    "brief.amended",
    "published version {version} of brief {reference}, {kind}: {changed}; it closes on {closes_at}, and all invited were told",
)
APPROVAL_ASKED = declare("brief.approval_asked", "asked for approval of brief {reference}")
SENT_BACK = declare("brief.sent_back", "sent back the draft of brief {reference}: {reason}")
APPROVED = declare("brief.approved", "approved brief {reference}, the first of two approvers")
LIMIT_SET = declare("brief.limit_set", "set the budget above which two approve a brief to {now}; it was {before}")
DECLINE_UNDONE = declare("brief.decline_undone", "took “not this time” back for brief {reference}")
ALERT_SAVED = declare("alert.saved", "saved an alert for new briefs: {often}")
ALERT_ENDED = declare("alert.ended", "ended an alert for new briefs")
CALENDAR_MADE = declare("calendar.made", "made a secret address for their calendar of deadlines")
CALENDAR_ENDED = declare("calendar.ended", "ended the secret address of their calendar of deadlines")
WORDS_ASKED = declare(
    "brief.words_asked", "asked that words the identity guard found in brief {reference} may stay: {count}"
)
WORDS_RELEASED = declare(
    "brief.words_released", "let words through that the identity guard had found in brief {reference}: {count}"
)
WORDS_DECLINED = declare(
    "brief.words_declined", "did not let words stay that the identity guard had found in brief {reference}: {count}"
)
ROUTED = declare("brief.routed", "recorded how the provider is found for brief {reference}: {route}")
COPIED = declare("brief.copied", "began it as a copy of brief {reference}")
ADVICE_LEFT = declare("brief.advice_left", "left the checker’s advice on brief {reference} as it is: {advice}")

REFERRAL: Final = "referral."
"""How the names of what is done with a full referral begin. None tells a file's name, or a word of it."""
REFERRAL_ATTACHED = declare("referral.attached", "attached document {number} of the full referral")
REFERRAL_WITHDRAWN = declare("referral.withdrawn", "withdrew document {number} of the full referral")
REFERRAL_INFECTED = declare(
    "referral.infected", "found a virus in document {number} of the full referral and deleted it"
)
REFERRAL_OPENED = declare("referral.opened", "opened document {number} of the full referral")
REFERRAL_LET_GO = declare("referral.let_go", "deleted document {number} of the full referral: its time here has ended")
REFERRAL_SIGNED = declare("referral.signed", "signed the undertaking for the full referral, whose SHA-256 is {sha256}")
